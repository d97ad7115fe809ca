using System.Globalization;
using ScalingLab.Cli.Progress;
using ScalingLab.Core.Models;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Sweeps;

namespace ScalingLab.Cli.Tests.Progress;

public sealed class ProgressTextTests : IDisposable
{
    private static readonly SweepTask Small = new("L1-d8-x", "runs/s/L1-d8-x", "d8 L1", 1e9, 1000), Large = new("L2-d16-x", "runs/s/L2-d16-x", "d16 L2", 3e9, 1000);

    private readonly CultureInfo before = CultureInfo.CurrentCulture;
    private readonly SteppedClock clock = new();

    // A comma for the decimal point, as in German: nothing shown may depend on it.
    public ProgressTextTests()
    {
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = comma;
    }

    public void Dispose() => CultureInfo.CurrentCulture = before;

    [Theory]
    [InlineData(new double[] { }, "")]
    [InlineData(new double[] { 3 }, "")]
    [InlineData(new double[] { 3, 3, 3 }, "▁▁▁")]
    [InlineData(new double[] { 8, 7, 6, 5, 4, 3, 2, 1 }, "█▇▆▅▄▃▂▁")]
    [InlineData(new double[] { 0, 1e300 }, "▁█")]
    public void A_spark_falls_as_the_values_fall(double[] values, string expected) => Assert.Equal(expected, ProgressText.Spark(values));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(999.4, "999")]
    [InlineData(999.6, "1.0k")]
    [InlineData(1234, "1.2k")]
    [InlineData(9949, "9.9k")]
    [InlineData(9951, "10k")]
    [InlineData(41_499, "41k")]
    [InlineData(999_499, "999k")]
    [InlineData(999_500, "1.0M")]
    [InlineData(1_250_001, "1.3M")]
    public void A_rate_has_two_or_three_digits(double value, string expected) => Assert.Equal(expected, ProgressText.Rate(value));

    [Theory]
    [InlineData(0.4, "0s")]
    [InlineData(12, "12s")]
    [InlineData(59.9, "59s")]
    [InlineData(60, "1m00")]
    [InlineData(185, "3m05")]
    [InlineData(3599, "59m59")]
    [InlineData(7800, "2h10")]
    [InlineData(360_000, "100h00")]
    public void A_duration_has_two_units(double seconds, string expected) => Assert.Equal(expected, ProgressText.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_line_says_where_a_run_is()
    {
        SweepProgress progress = Progress(total: 5);
        progress.Started(Large);
        Assert.Equal("3/5 done · d16 L2 · starting", Line(progress));
        clock.Seconds = 10;
        progress.Progressed(Large, Message(50, 3.5));
        progress.Progressed(Large, Message(100, 3.25));
        // 50 of 200 steps of 3e9 FLOPs in ten seconds, the first 50 having been done before: 0.75e9; 2.5e9 are left.
        Assert.Equal("3/5 done · d16 L2 · step 100/200 · loss 3.250 █▁ · 41k tok/s · MFU 38 % · ETA 33s", Line(progress));
    }

    [Fact]
    public void On_a_terminal_the_runs_under_way_are_a_table_in_columns()
    {
        SweepProgress progress = Progress(total: 5);
        Assert.Empty(ProgressTable.Lines(progress.Snapshot(), 1e9));
        progress.Started(Large);
        progress.Started(Small);
        clock.Seconds = 10;
        progress.Progressed(Large, Message(50, 3.5));
        progress.Progressed(Large, Message(100, 3.25));
        Assert.Equal(
            """
            3 of 5 done · ETA 33s
              run         step   loss      tok/s   MFU
              d16 L2   100/200  3.250  █▁    41k  38 %
              d8 L1   starting
            """, string.Join('\n', ProgressTable.Lines(progress.Snapshot(), 1e9)));
    }

    [Fact]
    public void A_loss_that_is_no_number_is_told_as_such()
    {
        SweepProgress progress = Progress(total: 2);
        progress.Started(Large);
        progress.Progressed(Large, Message(1, null));
        Assert.Contains("· loss not finite · 41k", Line(progress));
        Assert.DoesNotContain("ETA", Line(progress)); // nothing to judge by yet
    }

    [Fact]
    public void Only_finished_runs_count_as_done()
    {
        SweepProgress progress = Progress(total: 2);
        foreach (TaskOutcome outcome in new[] { TaskOutcome.Checkpointed, TaskOutcome.Failed, TaskOutcome.Stopped })
            progress.Ended(new TaskResult(Small, outcome, 1, ""));
        Assert.Equal(0, progress.Snapshot().Finished);
        progress.Ended(new TaskResult(Small, TaskOutcome.Finished, 0, ""));
        Assert.Equal(1, progress.Snapshot().Finished);
    }

    [Theory]
    [InlineData(TaskOutcome.Finished, 0, "", "finished L1-d8-x")]
    [InlineData(TaskOutcome.Checkpointed, 75, "", "checkpointed L1-d8-x")]
    [InlineData(TaskOutcome.Stopped, 137, "", "stopped L1-d8-x without a new checkpoint")]
    [InlineData(TaskOutcome.Failed, 7, "\nerror[SL0701]: the disk is full\n  help: make room\n", "failed L1-d8-x (exit code 7): error[SL0701]: the disk is full")]
    [InlineData(TaskOutcome.Failed, 137, "", "failed L1-d8-x (exit code 137): no message")]
    public void The_end_of_a_run_is_one_line(TaskOutcome outcome, int exitCode, string error, string expected) =>
        Assert.Equal(expected, ProgressText.Ended(new TaskResult(Small, outcome, exitCode, error), null));

    [Fact]
    public void The_end_of_a_run_tells_its_loss_or_its_divergence()
    {
        var result = new TaskResult(Small, TaskOutcome.Finished, 0, "");
        DoneRecord done = new()
        {
            Reason = EndReason.Completed,
            FinalEvaluation = new EvalEntry { Step = 9, Tokens = 12_345, LossNats = 3.25, BitsPerByte = 4.7, FlopsMeasured = null },
            Parameters = ParameterCounts.Of(new ModelShape(), 257),
            Tokens = 12_345,
            UniqueTokens = 12_345,
            Flops = new FlopTotals { Measured = null, MeasuredForward = null, MeasuredBackward = null, MatrixProducts = 1, SixNd = 1, Kaplan = 1, Palm = 1, ChinchillaAppendixF = 1 },
            WallSeconds = 1,
            Joules = null,
            Attempt = 1,
        };
        Assert.Equal("finished L1-d8-x · loss 3.2500", ProgressText.Ended(result, done));
        Assert.Equal("diverged L1-d8-x after 12,345 tokens: no observation for a fit", ProgressText.Ended(result, done with { Reason = EndReason.Diverged }));
    }

    [Fact]
    public void A_display_on_a_pipe_writes_whole_lines_without_escapes()
    {
        var output = new StringWriter();
        using (var display = new SweepDisplay(Progress(total: 2), output, live: false))
        {
            display.Started(Small);
            display.Retrying(Small, 137, "");
            display.Waiting(Large, null);
            display.Waiting(Large, null);
            display.Ended(new TaskResult(Small, TaskOutcome.Finished, 0, "warning: L1-d8-x: passed over checkpoint-3: it is empty\nother words\n"));
        }

        Assert.Equal(
            """
            trying L1-d8-x again: its worker ended with exit code 137: no message
            waiting for L2-d16-x: another process has it
            warning: L1-d8-x: passed over checkpoint-3: it is empty
            1/2 done · finished L1-d8-x

            """, output.ToString());
    }

    private static WorkerMessage Message(long step, double? loss) =>
        new() { Step = step, TotalSteps = 200, Tokens = step * 64, LossNats = loss, TokensPerSecond = 41_234, FlopsPerSecond = 0.38e9 };

    private static string Line(SweepProgress progress)
    {
        SweepSnapshot now = progress.Snapshot();
        return ProgressText.Line(now, now.Running[0], progress.PeakFlopsPerSecond);
    }

    private SweepProgress Progress(int total) => new(total, [Large, Small], 1e9, clock);

    private sealed class SteppedClock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long GetTimestamp() => (long)(Seconds * TimestampFrequency);
    }
}
