using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;

namespace ScalingLab.Core.Tables;

/// <summary>The logged steps, or the evaluations, of all runs below a folder as one table: a run's name, then the keys of its log.</summary>
public static class RunCurveRows
{
    /// <summary>Writes the rows as CSV with a header line, or as JSON lines.</summary>
    /// <param name="source">Folder of runs; unfinished, diverged and damaged ones give what they have.</param>
    /// <param name="evaluations">Evaluations instead of logged steps.</param>
    /// <param name="json">JSON lines instead of CSV.</param>
    /// <param name="stream">Takes UTF-8.</param>
    /// <returns>Runs that could not be read, with the reason.</returns>
    /// <exception cref="UserErrorException">No such folder.</exception>
    public static IReadOnlyList<ExcludedRun> Write(string source, bool evaluations, bool json, Stream stream)
    {
        var leftOut = new List<ExcludedRun>();
        string[] names = [.. evaluations ? Names(RunJson.Default.EvalEntry) : Names(RunJson.Default.LogEntry)];
        if (!json)
            Line(stream, string.Join(',', ["run", .. names]));
        foreach (FoundRun run in RunsDirectory.Enumerate(source, tolerant: true))
        {
            try
            {
                IEnumerable<JsonNode> rows = evaluations
                    ? run.Folder.ReadEvaluations().Entries.Select(e => JsonSerializer.SerializeToNode(e, RunJson.Default.EvalEntry)!)
                    : run.Folder.ReadLog().Entries.Select(e => JsonSerializer.SerializeToNode(e, RunJson.Default.LogEntry)!);
                foreach (JsonNode row in rows)
                    Line(stream, json ? Json(run.Folder.Id, row.AsObject(), names) : Csv(run.Folder.Id, row.AsObject(), names));
            }
            catch (UserErrorException error) when (error.ExitCode == ExitCode.CorruptData)
            {
                leftOut.Add(new ExcludedRun(run.Folder.Id, $"damaged: {error.Message}"));
            }
        }

        return leftOut;
    }

    private static IEnumerable<string> Names(JsonTypeInfo type) => type.Properties.Select(p => p.Name);

    // By name, in both: a line of the log leaves out what was not measured, a table does not.
    private static string Json(string run, JsonObject row, string[] names) =>
        new JsonObject([new("run", run), .. names.Select(name => KeyValuePair.Create(name, row[name]?.DeepClone()))]).ToJsonString();

    private static string Csv(string run, JsonObject row, string[] names) =>
        string.Join(',', [ObservationCsvWriter.Quoted(run), .. names.Select(name => row[name]?.ToJsonString() ?? "")]);

    private static void Line(Stream stream, string text)
    {
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.WriteByte((byte)'\n');
    }
}
