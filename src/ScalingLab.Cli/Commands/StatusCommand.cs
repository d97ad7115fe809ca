using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Cli.Progress;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Runs;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary><c>status RUNS</c>: every run of a folder and how far it is.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var runs = new Argument<string>("runs") { Description = "Folder of runs, of sweeps, or a single run." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document on stdout." };
        var command = new Command("status", "Show the runs of a folder and how far each is.") { runs, json };
        command.SetAction(parsed =>
        {
            List<RunStatus> all = [.. RunsDirectory.Enumerate(parsed.GetRequiredValue(runs)).Select(RunStatus.Of)];
            if (parsed.GetValue(json))
                Console.Out.WriteLine(JsonSerializer.Serialize(new StatusDocument(all), StatusJson.Default.StatusDocument));
            else
                Print(all);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private const int WidthWithCurve = 100;

    private static void Print(List<RunStatus> all)
    {
        if (all.Count == 0)
        {
            Console.Error.WriteLine("there are no runs here: a run is a folder with a config.json");
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("run", "state", "tokens", "done", "loss", "bits/byte");
        foreach (int i in new[] { 2, 3, 4, 5 })
            table.Columns[i].RightAligned();
        if (Terminal.Out.Profile.Width >= WidthWithCurve)
            table.AddColumn("curve");
        foreach (TableColumn column in table.Columns)
            column.NoWrap(); // a run id in two halves can be neither read nor copied
        foreach (RunStatus run in all)
        {
            string[] cells = [Markup.Escape(run.Run), run.State, Number(run.Tokens, "N0"), Number(100.0 * run.Tokens / run.TotalTokens, "F0") + " %", Number(run.LossNats, "F4"), Number(run.BitsPerByte, "F4"), ProgressText.Spark(run.Curve)];
            table.AddRow(cells[..table.Columns.Count]);
        }

        Terminal.Out.Write(table);
        Console.Out.WriteLine(string.Join(", ", all.GroupBy(r => r.State).Select(g => $"{g.Count()} {g.Key}")));
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}

/// <summary>One run.</summary>
/// <param name="Run">Its id.</param>
/// <param name="State">planned, running, interrupted, finished or diverged.</param>
/// <param name="Tokens">Tokens trained on, as of the last log line.</param>
/// <param name="TotalTokens">Tokens of the whole run.</param>
/// <param name="LossNats">Held-out loss when there is one, else the last training loss.</param>
/// <param name="BitsPerByte">Held-out bits per byte.</param>
/// <param name="TokensPerSecond">As last logged.</param>
internal sealed record RunStatus(string Run, string State, long Tokens, long? TotalTokens, double? LossNats, double? BitsPerByte, double? TokensPerSecond)
{
    private const int CurvePoints = 12;

    /// <summary>Training losses, evenly spread.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> Curve { get; init; } = [];

    public static RunStatus Of(FoundRun found)
    {
        RunConfig? config = found.Folder.ReadManifest()?.Config;
        IReadOnlyList<LogEntry> log = found.Folder.ReadLog().Entries;
        EvalEntry? evaluation = found.Done?.FinalEvaluation ?? found.Folder.ReadEvaluations().Entries.LastOrDefault();
        double[] losses = [.. log.Where(e => e.LossNats is not null).Select(e => e.LossNats!.Value)];
        return new RunStatus(
            found.Folder.Id, found.State.ToString().ToLowerInvariant(), log.LastOrDefault()?.Tokens ?? 0, config?.Training.Tokens,
            evaluation?.LossNats ?? log.LastOrDefault()?.LossNats, evaluation?.BitsPerByte, log.LastOrDefault()?.TokensPerSecond)
        {
            Curve = losses.Length <= CurvePoints ? losses : [.. Enumerable.Range(0, CurvePoints).Select(i => losses[i * (losses.Length - 1) / (CurvePoints - 1)])],
        };
    }
}

/// <summary>The JSON of <c>status --json</c>.</summary>
internal sealed record StatusDocument(IReadOnlyList<RunStatus> Runs)
{
    public string Schema { get; init; } = "scalinglab.status/1";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StatusDocument))]
internal sealed partial class StatusJson : JsonSerializerContext;
