using System.Globalization;

namespace ScalingLab.Cli.Progress;

/// <summary>The runs under way as a table that is redrawn in place.</summary>
internal static class ProgressTable
{
    private static readonly string[] Head = ["run", "step", "loss", "", "tok/s", "MFU"];
    private static readonly bool[] IsNumber = [false, true, true, false, true, true];

    /// <summary>A line on the whole sweep, then one a run, in columns; nothing while no run is under way.</summary>
    public static IReadOnlyList<string> Lines(SweepSnapshot sweep, double? peakFlopsPerSecond)
    {
        if (sweep.Running.Count == 0)
            return [];
        string eta = sweep.Remaining is { } remaining ? $" · ETA {ProgressText.Duration(remaining)}" : "";
        string[][] rows = [Head, .. sweep.Running.Select(r => Cells(r, peakFlopsPerSecond))];
        int[] widths = [.. Head.Select((_, i) => rows.Max(r => r[i].Length))];
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"{sweep.Finished} of {sweep.Total} done{eta}"),
            .. rows.Select(r => "  " + string.Join("  ", r.Select((cell, i) => IsNumber[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd()),
        ];
    }

    private static string[] Cells(RunningTask run, double? peak)
    {
        if (run.Last is not { } last)
            return [run.Task.Label, "starting", "", "", "", ""];
        string loss = last.LossNats is { } value ? value.ToString("F3", CultureInfo.InvariantCulture) : "not finite";
        string mfu = peak is { } most ? string.Create(CultureInfo.InvariantCulture, $"{100 * last.FlopsPerSecond / most:F0} %") : "";
        return [run.Task.Label, string.Create(CultureInfo.InvariantCulture, $"{last.Step}/{last.TotalSteps}"), loss, ProgressText.Spark(run.Losses), ProgressText.Rate(last.TokensPerSecond), mfu];
    }
}
