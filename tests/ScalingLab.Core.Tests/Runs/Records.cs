using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Core.Runs;

namespace ScalingLab.Core.Tests.Runs;

/// <summary>Records that the tests share.</summary>
internal static class Records
{
    public static LogEntry Log(long step) => new()
    {
        Step = step, Tokens = 2048 * step, LossNats = 5.5 / Math.Sqrt(step), Lr = 0.1 / 3, GradNorm = null, Seconds = step * 0.1, TokensPerSecond = 20480, FlopsMeasured = 1e19 / 3, Joules = null,
    };

    public static EvalEntry Eval(long step, double? loss = 3.25, double? flops = null) =>
        new() { Step = step, Tokens = 2048 * step, LossNats = loss, BitsPerByte = loss / Math.Log(2), FlopsMeasured = flops };

    public static PlannedRun Plan(ScheduleKind schedule = ScheduleKind.Constant, params long[] tokens) => SweepPlan.Of(
        new SweepConfig
        {
            Name = "s", Corpus = new CorpusConfig { Path = "text.txt" },
            Training = new TrainingConfig { Schedule = new ScheduleConfig { Kind = schedule } },
            Sweep = new SweepAxes { Tokens = tokens },
        },
        257).Runs[^1];

    public static RunManifest Manifest(PlannedRun run) => new() { RunId = run.Id, Config = run.Config, Vocabulary = 257, Program = "0.1.0", CorpusSha256 = "ab" };

    public static DoneRecord Done(PlannedRun run, EvalEntry? final, EndReason reason = EndReason.Completed, double? measured = null) => new()
    {
        Reason = reason, FinalEvaluation = final, Parameters = ParameterCounts.Of(run.Config.Model, 257), Tokens = run.Tokens, UniqueTokens = 150_000,
        Flops = new FlopTotals { Measured = measured, MeasuredForward = null, MeasuredBackward = null, MatrixProducts = run.Flops, SixNd = 1, Kaplan = 1, Palm = 1, ChinchillaAppendixF = 1 },
        WallSeconds = 1.5, Joules = null, Attempt = 1,
    };
}

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class StandingClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
