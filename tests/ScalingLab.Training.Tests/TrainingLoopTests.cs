using System.Text.Json.Nodes;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;

namespace ScalingLab.Training.Tests;

public sealed class TrainingLoopTests : IDisposable
{
    private readonly SmallRun run = new();

    public void Dispose() => run.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(13)]
    [InlineData(19)]
    public void A_run_stopped_and_continued_writes_what_an_undisturbed_one_writes(int at)
    {
        string expected = Undisturbed();
        RunFolder folder = run.NewFolder("undisturbed"); // the same name, since it is in every file
        using (var stop = new CancellationTokenSource())
        {
            if (at == 0)
                stop.Cancel();
            Assert.Equal(LoopEnd.Checkpointed, run.Train(folder, step => Cancel(step == at, stop), stop.Token));
        }

        Assert.False(folder.IsDone);
        Assert.Equal(at, folder.Checkpoints()[0]);
        Assert.Equal(LoopEnd.Done, run.Train(folder));
        Assert.Equal(expected, SmallRun.ResultOf(folder));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(14)]
    [InlineData(20)]
    public void A_run_that_crashes_and_is_continued_writes_what_an_undisturbed_one_writes(int at)
    {
        string expected = Undisturbed();
        RunFolder folder = run.NewFolder("undisturbed");
        Assert.Throws<InvalidOperationException>(() => run.Train(folder, step => Crash(step == at)));
        Assert.Equal(LoopEnd.Done, run.Train(folder));
        Assert.Equal(expected, SmallRun.ResultOf(folder));
    }

    [Fact]
    public void A_run_interrupted_after_every_step_writes_what_an_undisturbed_one_writes()
    {
        string expected = Undisturbed();
        RunFolder folder = run.NewFolder("undisturbed");
        LoopEnd end = LoopEnd.Checkpointed;
        for (int attempt = 0; end != LoopEnd.Done; attempt++)
        {
            Assert.True(attempt <= SmallRun.Steps);
            using var stop = new CancellationTokenSource();
            end = run.Train(folder, _ => stop.Cancel(), stop.Token);
        }

        Assert.Equal(expected, SmallRun.ResultOf(folder));
        Assert.Equal(SmallRun.Steps, folder.ReadDone()!.Attempt);
    }

    [Fact]
    public void A_run_killed_between_its_last_checkpoint_and_done_json_publishes_the_same_end()
    {
        string expected = Undisturbed();
        RunFolder folder = run.NewFolder("undisturbed");
        run.Train(folder);
        File.Delete(folder.DonePath);
        Assert.Equal(LoopEnd.Done, run.Train(folder, _ => Assert.Fail("nothing is left to train")));
        Assert.Equal(expected, SmallRun.ResultOf(folder));
    }

    [Theory]
    [InlineData("{\"step\":9,\"tok")]
    [InlineData("{\"step\":9,\"tokens\":576}\n")] // whole as a line, but not as an entry
    [InlineData("\0\0\0\0\0\0\0\0")] // what some file systems leave after a power loss
    public void A_torn_end_of_the_logs_is_cut_off_before_a_resume(string torn)
    {
        string expected = Undisturbed();
        RunFolder folder = run.NewFolder("undisturbed");
        Assert.Throws<InvalidOperationException>(() => run.Train(folder, step => Crash(step == 9)));
        File.AppendAllText(folder.LogPath, torn);
        File.AppendAllText(folder.EvalPath, torn);
        run.Train(folder);
        Assert.Equal(expected, SmallRun.ResultOf(folder));
    }

    [Fact]
    public void A_damaged_newest_checkpoint_costs_its_steps_and_is_told()
    {
        string expected = Undisturbed();
        RunFolder folder = run.NewFolder("undisturbed");
        Assert.Throws<InvalidOperationException>(() => run.Train(folder, step => Crash(step == 15)));
        Assert.Equal([14, 7], folder.Checkpoints());
        File.WriteAllBytes(Path.Combine(folder.CheckpointPath(14), "weights.safetensors"), [1, 2, 3]);
        var warnings = new List<string>();
        long? first = null;
        run.Train(folder, step => first ??= step, warnings: warnings);
        Assert.Equal(8, first);
        Assert.StartsWith("undisturbed: passed over checkpoint-14: weights.safetensors has 3 bytes", Assert.Single(warnings));
        Assert.Equal(expected, SmallRun.ResultOf(folder));
    }

    [Fact]
    public void Evaluations_fall_exactly_on_the_planned_tokens_and_the_end()
    {
        RunFolder folder = run.NewFolder("run");
        run.Train(folder);
        IReadOnlyList<EvalEntry> evaluations = folder.ReadEvaluations().Entries;
        Assert.Equal([4 * 64, 13 * 64, 20 * 64], evaluations.Select(e => e.Tokens));
        Assert.Equal([4, 13, 20], evaluations.Select(e => e.Step));
        Assert.Equal(evaluations[^1], folder.ReadDone()!.FinalEvaluation);
        Assert.Equal([1, 3, 6, 9, 12, 15, 18, 20], folder.ReadLog().Entries.Select(e => e.Step));
        Assert.All(evaluations, e => Assert.InRange(e.LossNats!.Value, 3, Math.Log(257) + 0.5));
    }

    [Fact]
    public void The_end_holds_the_counts_of_the_whole_run()
    {
        RunFolder folder = run.NewFolder("run");
        run.Train(folder);
        DoneRecord done = folder.ReadDone()!;
        Assert.Equal((EndReason.Completed, 20 * 64L, 1), (done.Reason, done.Tokens, done.Attempt));
        Assert.Equal(ProviderCapabilities.MeasuresFlops ? done.Flops.MatrixProducts : null, done.Flops.Measured);
        Assert.Equal(done.Flops.Measured, done.Flops.MeasuredForward + done.Flops.MeasuredBackward);
        Assert.Equal(folder.ReadLog().Entries[^1].FlopsMeasured, done.Flops.Measured);
        Assert.InRange(done.UniqueTokens, 1, done.Tokens);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_that_diverges_ends_with_its_reason_and_without_a_number_that_is_none(bool nanWeights)
    {
        RunConfig wild = run.Config with { Training = run.Config.Training with { LearningRate = 1e9, LearningRateCap = 1e9, GradientClip = 0 } };
        RunFolder folder = run.NewFolder("run", nanWeights ? run.Config : wild);
        using Trainer trainer = run.NewTrainer(folder.ReadManifest()!.Config);
        if (nanWeights)
            trainer.Model.Parameters.Values.mul_(double.NaN);
        Assert.Equal(LoopEnd.Done, SmallRun.Train(folder, trainer, SmallRun.Claim(folder)));
        DoneRecord done = folder.ReadDone()!;
        Assert.Equal(EndReason.Diverged, done.Reason);
        LogEntry last = folder.ReadLog().Entries[^1];
        Assert.True(last.LossNats is null || last.GradNorm is null);
        Assert.Equal(done.Tokens + SmallRun.BatchTokens, last.Tokens); // the failed step is in the log and not in the count
        if (nanWeights)
            Assert.Equal((0L, null, null), (done.Tokens, done.FinalEvaluation, last.LossNats));
        foreach (string file in new[] { folder.LogPath, folder.EvalPath, folder.DonePath })
        {
            string text = File.ReadAllText(file);
            Assert.DoesNotContain("NaN", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("Infinity", text, StringComparison.OrdinalIgnoreCase);
            Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.IsType<JsonObject>(JsonNode.Parse(line)));
        }

        Assert.Equal(RunState.Diverged, Assert.Single(RunsDirectory.Enumerate(folder.Path)).State);
    }

    [Fact]
    public void An_owner_that_was_overtaken_writes_nothing_more()
    {
        RunFolder folder = run.NewFolder("run");
        using Trainer trainer = run.NewTrainer();
        RunClaim claim = SmallRun.Claim(folder);
        string[] before = [];
        Assert.Throws<ClaimLostException>(() => SmallRun.Train(folder, trainer, claim, step =>
        {
            if (step != 8)
                return;
            File.WriteAllText(folder.ClaimPath(2), "{}"); // as another process does
            before = Contents(folder);
        }));
        Assert.NotEmpty(before);
        Assert.Equal(before, Contents(folder));
        Assert.False(folder.IsDone);
    }

    [Fact]
    public void An_owner_that_was_overtaken_publishes_no_checkpoint_on_a_stop()
    {
        RunFolder folder = run.NewFolder("run");
        using Trainer trainer = run.NewTrainer();
        using var stop = new CancellationTokenSource();
        Assert.Throws<ClaimLostException>(() => SmallRun.Train(folder, trainer, SmallRun.Claim(folder), step =>
        {
            if (step != 2)
                return;
            File.WriteAllText(folder.ClaimPath(2), "{}");
            stop.Cancel();
        }, stop.Token));
        Assert.Empty(folder.Checkpoints());
    }

    [SmallDiskFact, Trait("Needs", "the right to mount")]
    public void A_disk_that_fills_up_in_mid_run_is_a_disk_error_and_the_run_continues_exactly_once_there_is_room()
    {
        string expected = Undisturbed();
        using var disk = new SmallDisk(1024);
        var folder = new RunFolder(Path.Combine(disk.Path, "undisturbed"));
        folder.WriteManifest(run.NewFolder("undisturbed").ReadManifest()!);
        var error = Assert.Throws<UserErrorException>(() => run.Train(folder, step =>
        {
            if (step == 8)
                disk.FillUpTo(0);
        }));
        Assert.Equal(ExitCode.Disk, error.ExitCode);
        Assert.Equal(7, Assert.Single(folder.Checkpoints()));
        disk.FillUpTo(800_000);
        Assert.Equal(LoopEnd.Done, run.Train(folder));
        Assert.Equal(expected, SmallRun.ResultOf(folder));
    }

    private string Undisturbed()
    {
        RunFolder folder = run.NewFolder("undisturbed");
        Assert.Equal(LoopEnd.Done, run.Train(folder));
        string result = SmallRun.ResultOf(folder);
        Directory.Delete(folder.Path, recursive: true);
        return result;
    }

    private static string[] Contents(RunFolder folder) =>
        [.. Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Order().Select(f => $"{f}\n{Convert.ToHexString(File.ReadAllBytes(f))}")];

    private static void Cancel(bool now, CancellationTokenSource stop)
    {
        if (now)
            stop.Cancel();
    }

    private static void Crash(bool now)
    {
        if (now)
            throw new InvalidOperationException("crash");
    }
}
