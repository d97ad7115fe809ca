using ScalingLab.Core.Configs;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Stacks;

namespace ScalingLab.Training.Tests.Stacks;

/// <summary>The folders of a stack's runs against those of the same runs trained alone.</summary>
public sealed class StackLoopTests : IDisposable
{
    private const int Runs = 3;

    private readonly SmallRun run = new();
    private readonly string[] expected;

    public StackLoopTests()
    {
        for (int i = 0; i < Runs; i++)
            Assert.Equal(LoopEnd.Done, run.Train(run.NewFolder(Name(i), Config(i))));
        expected = [.. Folders().Select(f => SmallRun.ResultOf(f))];
        foreach (RunFolder folder in Folders())
            Directory.Delete(folder.Path, recursive: true);
    }

    public void Dispose() => run.Dispose();

    [Fact]
    public void Each_folder_is_that_of_the_run_trained_alone()
    {
        IReadOnlyList<ClaimedRun> ended = Train(NewFolders());
        Assert.All(ended, r => Assert.Equal((LoopEnd.Done, null), (r.End, r.Error)));
        Assert.Equal(expected, Results());
    }

    /// <summary>A block of steps takes a second by this clock, and ends where the run is evaluated or checkpointed: after 4, 7, 13, 14 and 20 steps.</summary>
    [Fact]
    public void The_time_of_a_block_is_shared_out_to_its_steps()
    {
        RunFolder folder = run.NewFolder(Name(0), Config(0));
        Train([folder]);
        Assert.Equal(
            [(1, 1 / 4.0), (3, 3 / 4.0), (6, 1 + (2 / 3.0)), (9, 2 + (2 / 6.0)), (12, 2 + (5 / 6.0)), (15, 4 + (1 / 6.0)), (18, 4 + (4 / 6.0)), (20, 5)],
            folder.ReadLog().Entries.Select(e => (e.Step, Math.Round(e.Seconds, 9))),
            (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-6);
        Assert.All(folder.ReadLog().Entries, e => Assert.InRange(e.TokensPerSecond, 0.99 * SmallRun.BatchTokens, 6.01 * SmallRun.BatchTokens));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(13)]
    public void A_stack_that_is_stopped_checkpoints_every_run_and_goes_on_as_if_nothing_had_happened(int at)
    {
        RunFolder[] folders = NewFolders();
        using var stop = new CancellationTokenSource();
        if (at == 0)
            stop.Cancel();
        Assert.All(Train(folders, message => Do(message.Step == at, stop.Cancel), stop.Token), r => Assert.Equal(LoopEnd.Checkpointed, r.End));
        Assert.All(folders, f => Assert.Single(f.Checkpoints(), step => step >= at));
        Train(folders);
        Assert.Equal(expected, Results());
    }

    [Fact]
    public void Runs_left_at_different_steps_by_a_crash_go_on_together()
    {
        RunFolder[] folders = NewFolders();
        ClaimedRun[] crashed = [.. Train(folders, message => Do(message is { Step: 9, Run: "run1" } or { Step: 16, Run: "run2" }, () => throw new InvalidOperationException("crash")))];
        Assert.Equal(["run1", "run2"], crashed.Where(r => r.Error is InvalidOperationException).Select(r => r.Folder.Id));
        Assert.Equal([20, 7, 14], folders.Select(f => f.Checkpoints()[0]));
        Assert.Equal([true, false, false], folders.Select(f => f.IsDone));
        Train(folders[1..]);
        Assert.Equal(expected, Results());
    }

    [Fact]
    public void A_run_begun_in_a_stack_ends_alone_and_one_begun_alone_ends_in_a_stack()
    {
        RunFolder[] folders = NewFolders();
        using (var stop = new CancellationTokenSource())
            Train(folders[..2], message => Do(message.Step == 8, stop.Cancel), stop.Token);
        using (var stop = new CancellationTokenSource())
            run.Train(folders[2], step => Do(step == 11, stop.Cancel), stop.Token);
        run.Train(folders[0]);
        Train(folders[1..]);
        Assert.Equal(expected, Results());
    }

    [Fact]
    public void A_run_that_diverges_ends_as_such_and_the_others_as_if_it_had_not_been()
    {
        RunFolder[] folders = NewFolders();
        RunConfig config = Config(0) with { Training = Config(0).Training with { LearningRate = 1e9, LearningRateCap = 1e9, GradientClip = 0 } };
        RunFolder wild = run.NewFolder("wild", config);
        ClaimedRun[] ended = [.. Train([wild, .. folders])];
        Assert.All(ended, r => Assert.Equal((LoopEnd.Done, null), (r.End, r.Error)));
        Assert.Equal(expected, Results());
        DoneRecord done = wild.ReadDone()!;
        Assert.Equal(EndReason.Diverged, done.Reason);
        Assert.InRange(done.Tokens, 0, (SmallRun.Steps - 1) * SmallRun.BatchTokens);
        Assert.DoesNotContain("NaN", File.ReadAllText(wild.LogPath), StringComparison.OrdinalIgnoreCase);

        Directory.Move(wild.Path, wild.Path + ".stacked");
        run.Train(run.NewFolder("wild", config));
        Assert.Equal(done.Tokens, wild.ReadDone()!.Tokens);
        Assert.Equal(wild.ReadLog().Entries.Select(e => (e.Step, e.LossNats, e.GradNorm)), new RunFolder(wild.Path + ".stacked").ReadLog().Entries.Select(e => (e.Step, e.LossNats, e.GradNorm)));
    }

    [Fact]
    public void A_run_that_is_taken_over_writes_nothing_more_and_the_others_go_on()
    {
        RunFolder[] folders = NewFolders();
        ClaimedRun[] ended = [.. Train(folders, message => Do(message is { Step: 4, Run: "run1" }, () => File.WriteAllText(folders[1].ClaimPath(2), "{}")))];
        Assert.IsType<ClaimLostException>(ended[1].Error);
        Assert.Empty(folders[1].Checkpoints());
        Assert.Equal([expected[0], expected[2]], new[] { folders[0], folders[2] }.Select(f => SmallRun.ResultOf(f)));
    }

    [Fact]
    public void A_stack_that_cannot_step_ends_every_loop_with_the_checkpoints_it_has()
    {
        RunFolder[] folders = NewFolders();
        ClaimedRun[] claimed = Claim(folders);
        using var stack = new StackTrainer([.. claimed.Select(c => c.Manifest.Config)], run.Corpus, () => new FailingGraph(10));
        Assert.Equal("out of memory", Assert.Throws<InvalidOperationException>(() => new StackLoop(stack, claimed, 1, TimeProvider.System).Run(default)).Message);
        Assert.All(claimed, c => Assert.NotNull(c.Error));
        Assert.All(folders, f => Assert.Equal(7, Assert.Single(f.Checkpoints())));
        Train(folders);
        Assert.Equal(expected, Results());
    }

    private static string Name(int i) => $"run{i}";

    private static void Do(bool now, Action action)
    {
        if (now)
            action();
    }

    // The second evaluates at other steps, so that the stack stops where only one of them must.
    private RunConfig Config(int i) => run.Config with
    {
        Training = run.Config.Training with { Seed = 1 + i, LearningRate = 0.003 * (i + 1), Kernels = KernelChoice.Reference },
        Evaluation = i == 1 ? run.Config.Evaluation with { AtTokens = [10 * SmallRun.BatchTokens] } : run.Config.Evaluation,
    };

    private RunFolder[] NewFolders() => [.. Enumerable.Range(0, Runs).Select(i => run.NewFolder(Name(i), Config(i)))];

    private RunFolder[] Folders() => [.. Enumerable.Range(0, Runs).Select(i => new RunFolder(Path.Combine(run.Root, Name(i))))];

    private string[] Results() => [.. Folders().Select(f => SmallRun.ResultOf(f))];

    private static ClaimedRun[] Claim(IEnumerable<RunFolder> folders) => [.. folders.Select(f => new ClaimedRun(f, f.ReadManifest()!, SmallRun.Claim(f)))];

    private IReadOnlyList<ClaimedRun> Train(IEnumerable<RunFolder> folders, Action<Training.Sweeps.WorkerMessage>? report = null, CancellationToken stop = default)
    {
        ClaimedRun[] claimed = Claim(folders);
        using var stack = new StackTrainer([.. claimed.Select(c => c.Manifest.Config)], run.Corpus);
        new StackLoop(stack, claimed, 1, new SmallRun.HastyClock(), report).Run(stop);
        return claimed;
    }

    /// <summary>Replays so many steps and then fails, as a GPU without memory does.</summary>
    private sealed class FailingGraph(int steps) : IStepGraph
    {
        private readonly EagerStepGraph inner = new();
        private int left = steps;

        public void Capture(Action step, Action warmUp) => inner.Capture(step, warmUp);

        public void Replay()
        {
            if (left-- == 0)
                throw new InvalidOperationException("out of memory");
            inner.Replay();
        }

        public void Dispose() => inner.Dispose();
    }
}
