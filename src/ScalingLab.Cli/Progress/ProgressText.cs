using System.Globalization;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Sweeps;

namespace ScalingLab.Cli.Progress;

/// <summary>The words of the progress display: <c>12/54 · d256 L6 · step 400/2000 · loss 3.21 ▇▅▃▂ · 41k tok/s · MFU 38 % · ETA 2h10</c>.</summary>
internal static class ProgressText
{
    private const string Blocks = "▁▂▃▄▅▆▇█";

    /// <summary>One run under way.</summary>
    public static string Line(SweepSnapshot sweep, RunningTask run, double? peakFlopsPerSecond)
    {
        string head = string.Create(CultureInfo.InvariantCulture, $"{sweep.Finished}/{sweep.Total} done · {run.Task.Label}");
        if (run.Last is not { } last)
            return $"{head} · starting";
        string loss = last.LossNats is { } value ? value.ToString("F3", CultureInfo.InvariantCulture) : "not finite";
        string spark = run.Losses.Count < 2 ? "" : " " + Spark(run.Losses);
        string mfu = peakFlopsPerSecond is { } peak ? string.Create(CultureInfo.InvariantCulture, $" · MFU {100 * last.FlopsPerSecond / peak:F0} %") : "";
        string eta = sweep.Remaining is { } remaining ? $" · ETA {Duration(remaining)}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{head} · step {last.Step}/{last.TotalSteps} · loss {loss}{spark} · {Rate(last.TokensPerSecond)} tok/s{mfu}{eta}");
    }

    /// <summary>A run that has ended.</summary>
    /// <param name="result">How its worker ended.</param>
    /// <param name="done">How its training ended; null when it has not.</param>
    public static string Ended(TaskResult result, DoneRecord? done) => result.Outcome switch
    {
        TaskOutcome.Finished when done?.Reason == EndReason.Diverged => string.Create(CultureInfo.InvariantCulture, $"diverged {result.Task.RunId} after {done.Tokens:N0} tokens: no observation for a fit"),
        TaskOutcome.Finished when done?.FinalEvaluation is { LossNats: { } loss } => string.Create(CultureInfo.InvariantCulture, $"finished {result.Task.RunId} · loss {loss:F4}"),
        TaskOutcome.Finished => $"finished {result.Task.RunId}",
        TaskOutcome.Checkpointed => $"checkpointed {result.Task.RunId}",
        TaskOutcome.Stopped => $"stopped {result.Task.RunId} without a new checkpoint",
        _ => $"failed {result.Task.RunId} (exit code {result.ExitCode}): {FirstLine(result.Error)}",
    };

    /// <summary>Bars of falling or rising values; a flat line when they are all equal.</summary>
    public static string Spark(IReadOnlyList<double> values)
    {
        if (values.Count < 2)
            return "";
        double low = values.Min(), high = values.Max();
        return new string([.. values.Select(v => Blocks[high > low ? (int)((v - low) / (high - low) * (Blocks.Length - 1)) : 0])]);
    }

    /// <summary><c>41k</c>, <c>1.2M</c>.</summary>
    public static string Rate(double value) => value switch
    {
        >= 999_500 => (value / 1e6).ToString("F1", CultureInfo.InvariantCulture) + "M",
        >= 9_950 => (value / 1e3).ToString("F0", CultureInfo.InvariantCulture) + "k",
        >= 999.5 => (value / 1e3).ToString("F1", CultureInfo.InvariantCulture) + "k",
        _ => value.ToString("F0", CultureInfo.InvariantCulture),
    };

    /// <summary><c>2h10</c>, <c>3m05</c>, <c>12s</c>.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}h{time.Minutes:D2}"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m{time.Seconds:D2}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}s"),
    };

    /// <summary>What a worker that ended well wants known all the same.</summary>
    public static IEnumerable<string> Warnings(string error) =>
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line.StartsWith("warning: ", StringComparison.Ordinal));

    /// <summary>The first line that says something.</summary>
    public static string FirstLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "no message";
}
