using ScalingLab.Core;
using ScalingLab.Core.Files;
using ScalingLab.Core.Tables;

namespace ScalingLab.Cli.Exports;

/// <summary>Runs as a table: CSV or JSON lines.</summary>
internal static class TableExport
{
    /// <summary>Writes a table to a file or to standard output, and says on stderr which runs are not in it.</summary>
    public static ExitCode Write(string source, string table, bool json, string? output)
    {
        using var content = new MemoryStream();
        IReadOnlyList<ExcludedRun> leftOut;
        if (table == "observations")
        {
            ObservationTable observations = ObservationTable.Load(source);
            leftOut = observations.Excluded;
            if (json)
            {
                observations.ToJsonLines(content);
            }
            else
            {
                using var text = new StreamWriter(content, leaveOpen: true);
                observations.ToCsv(text);
            }
        }
        else
        {
            leftOut = RunCurveRows.Write(source, evaluations: table == "evaluations", json, content);
        }

        Tell(leftOut);
        if (output is not null)
        {
            AtomicFile.Write(output, content.ToArray());
        }
        else
        {
            using Stream standard = Console.OpenStandardOutput();
            content.WriteTo(standard);
        }

        return leftOut.Any(r => r.Reason.StartsWith("damaged", StringComparison.Ordinal)) ? ExitCode.CorruptData : ExitCode.Success;
    }

    /// <summary>One line a run on stderr.</summary>
    public static void Tell(IEnumerable<ExcludedRun> leftOut)
    {
        foreach (ExcludedRun run in leftOut)
            Console.Error.WriteLine($"left out {run.Run}: {run.Reason}");
    }
}
