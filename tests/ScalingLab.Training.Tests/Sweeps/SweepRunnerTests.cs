using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Sweeps;
using ScalingLab.Training.Tests.Data;

namespace ScalingLab.Training.Tests.Sweeps;

/// <summary>The runner with shell scripts for workers: <c>$1</c> is the run id, the working folder is the test's.</summary>
public sealed class SweepRunnerTests : IDisposable
{
    private const string UntilAskedToStop = "cat > /dev/null; ";

    private readonly TemporaryFolder folder = new();
    private readonly Recorder heard = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_largest_runs_start_first()
    {
        Run("echo $1 >> order", [Task("small", 1), Task("large", 3), Task("middle", 2)]);
        Assert.Equal(["large", "middle", "small"], Lines("order"));
    }

    [Fact]
    public void As_many_workers_run_at_a_time_as_there_are_jobs_and_no_more()
    {
        Run("echo 1 >> count; sleep 0.2; echo -1 >> count", [.. Enumerable.Range(0, 5).Select(i => Task($"r{i}"))], jobs: 2);
        int now = 0, most = 0;
        foreach (string line in Lines("count"))
            most = Math.Max(most, now += int.Parse(line, CultureInfo.InvariantCulture));
        Assert.Equal((2, 0), (most, now));
    }

    [Fact]
    public void Each_gpu_has_as_many_workers_as_it_has_places_and_the_largest_runs_go_to_different_ones()
    {
        GpuDevice[] gpus = [new(0, "fake", 80L << 30, null), new(1, "fake", 80L << 30, null)];
        Run("echo $2 1 $1 >> places; sleep 0.2; echo $2 -1 $1 >> places", [.. Enumerable.Range(0, 8).Select(i => Task($"r{i}", 10 - i))], slots: WorkerSlot.OnGpus(3, gpus));
        var now = new Dictionary<string, int>();
        var most = new Dictionary<string, int>();
        foreach (string[] words in Lines("places").Select(l => l.Split(' ')))
        {
            now[words[0]] = now.GetValueOrDefault(words[0]) + int.Parse(words[1], CultureInfo.InvariantCulture);
            most[words[0]] = Math.Max(most.GetValueOrDefault(words[0]), now[words[0]]);
        }

        Assert.Equal((2, 1), (most["cuda:0"], most["cuda:1"]));
        Assert.Equal(["r0", "r1", "r2"], Lines("places").Take(3).Select(l => l.Split(' ')[2]).Order());
    }

    [Theory]
    [InlineData(1, 2, "cuda:0 alone")]
    [InlineData(2, 2, "cuda:0 alone, cuda:1 alone")]
    [InlineData(3, 2, "cuda:0 shared, cuda:1 alone, cuda:0 shared")]
    [InlineData(5, 2, "cuda:0 shared, cuda:1 shared, cuda:0 shared, cuda:1 shared, cuda:0 shared")]
    [InlineData(2, 1, "cuda:0 shared, cuda:0 shared")]
    public void Places_are_dealt_out_in_turn_and_know_whether_they_have_a_gpu_to_themselves(int workers, int count, string expected)
    {
        GpuDevice[] gpus = [.. Enumerable.Range(0, count).Select(i => new GpuDevice(i, "fake", null, null))];
        Assert.Equal(expected, string.Join(", ", WorkerSlot.OnGpus(workers, gpus).Select(s => $"{s.Device} {(s.Alone ? "alone" : "shared")}")));
        Assert.Equal([true], WorkerSlot.OnCpu(1).Select(s => s.Alone));
        Assert.Equal([false, false], WorkerSlot.OnCpu(2).Select(s => s.Alone));
    }

    [Fact]
    public void A_worker_that_crashes_once_is_tried_again()
    {
        TaskResult result = Assert.Single(Run("echo x >> tries; [ $(wc -l < tries) = 2 ] || kill -9 $$", [Task("a")]));
        Assert.Equal((TaskOutcome.Finished, 0), (result.Outcome, result.ExitCode));
        Assert.Equal("a 137", Assert.Single(heard.Retried));
    }

    [Fact]
    public void A_worker_that_crashes_twice_fails_and_the_others_go_on()
    {
        IReadOnlyList<TaskResult> results = Run("[ $1 != bad ] || { echo x >> tries; kill -9 $$; }", [Task("bad", 3), Task("good", 2), Task("fine", 1)], jobs: 1);
        Assert.Equal(["bad Failed 137", "good Finished 0", "fine Finished 0"], results.Select(Text));
        Assert.Equal(2, Lines("tries").Length);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void What_will_not_mend_itself_is_not_tried_again_and_its_message_is_kept(int exitCode)
    {
        TaskResult result = Assert.Single(Run($"echo x >> tries; echo 'error[SL0701]: the disk is full' >&2; echo '  help: make room' >&2; exit {exitCode}", [Task("a")]));
        Assert.Equal((TaskOutcome.Failed, exitCode, "error[SL0701]: the disk is full\n  help: make room\n"), (result.Outcome, result.ExitCode, result.Error));
        Assert.Single(Lines("tries"));
        Assert.Empty(heard.Retried);
    }

    [Fact]
    public void A_worker_that_checkpoints_of_its_own_accord_is_not_tried_again_and_the_others_go_on()
    {
        IReadOnlyList<TaskResult> results = Run("[ $1 = b ] || exit 75", [Task("a", 2), Task("b", 1)], jobs: 1);
        Assert.Equal(["a Checkpointed 75", "b Finished 0"], results.Select(Text));
    }

    [Fact]
    public void A_stop_closes_the_workers_input_and_starts_nothing_more()
    {
        using var stop = new CancellationTokenSource();
        heard.OnStarted = _ => stop.CancelAfter(100);
        IReadOnlyList<TaskResult> results = Run(UntilAskedToStop + "exit 75", [Task("a", 3), Task("b", 2), Task("c", 1)], jobs: 1, stop: stop.Token);
        Assert.Equal(["a Checkpointed 75"], results.Select(Text));
    }

    [Fact]
    public void A_disk_that_is_full_when_a_worker_is_stopped_is_a_failure_and_not_a_checkpoint()
    {
        using var stop = new CancellationTokenSource();
        heard.OnStarted = _ => stop.CancelAfter(100);
        Assert.Equal("a Failed 7", Text(Assert.Single(Run(UntilAskedToStop + "exit 7", [Task("a")], stop: stop.Token))));
    }

    [Fact]
    public void A_worker_that_crashes_on_a_stop_counts_as_stopped_and_is_not_tried_again()
    {
        using var stop = new CancellationTokenSource();
        heard.OnStarted = _ => stop.CancelAfter(100);
        Assert.Equal("a Stopped 137", Text(Assert.Single(Run(UntilAskedToStop + "kill -9 $$", [Task("a")], stop: stop.Token))));
        Assert.Empty(heard.Retried);
    }

    [Fact]
    public void A_kill_ends_workers_that_do_not_listen()
    {
        using var stop = new CancellationTokenSource();
        using var kill = new CancellationTokenSource();
        heard.OnStarted = _ =>
        {
            stop.CancelAfter(50);
            kill.CancelAfter(200);
        };
        var watch = Stopwatch.StartNew();
        Assert.Equal("a Stopped 137", Text(Assert.Single(Run("trap '' INT TERM HUP; exec sleep 60", [Task("a")], stop: stop.Token, kill: kill.Token))));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_worker_that_says_nothing_for_too_long_is_killed_and_tried_once_more()
    {
        var runner = new SweepRunner(Worker("exec sleep 60"), WorkerSlot.OnCpu(1), heard, silence: TimeSpan.FromMilliseconds(300));
        TaskResult result = Assert.Single(runner.Run([Task("a")], CancellationToken.None, CancellationToken.None));
        Assert.Equal("a Failed 137", Text(result));
        Assert.StartsWith("the worker was killed: no word from it for", result.Error);
        Assert.Single(heard.Retried);
    }

    [Fact]
    public void Messages_are_told_and_other_output_is_passed_over()
    {
        string line = new WorkerMessage { Step = 3, TotalSteps = 9, Tokens = 192, LossNats = 2.5 }.ToLine();
        Run($"echo noise; echo '{line}'; echo '{{\"step\":1}}'; echo null", [Task("a")]);
        Assert.Equal(new WorkerMessage { Step = 3, TotalSteps = 9, Tokens = 192, LossNats = 2.5 }, Assert.Single(heard.Messages));
    }

    [Fact]
    public void A_flood_on_stderr_does_not_block_a_worker_and_is_cut()
    {
        TaskResult result = Assert.Single(Run("yes 'terminate called after throwing' | head -c 3000000 >&2; exit 7", [Task("a")]));
        Assert.Equal(7, result.ExitCode);
        Assert.InRange(result.Error.Length, 60_000, 70_000);
    }

    [Fact]
    public void A_program_that_does_not_start_fails_its_run_and_not_the_sweep()
    {
        var runner = new SweepRunner((_, _) => new ProcessStartInfo("/nonexistent/scalinglab"), WorkerSlot.OnCpu(1), heard);
        Assert.All(runner.Run([Task("a"), Task("b")], CancellationToken.None, CancellationToken.None), result =>
        {
            Assert.Equal(TaskOutcome.Failed, result.Outcome);
            Assert.StartsWith("the worker did not start: ", result.Error);
        });
    }

    [Fact]
    public void A_run_that_another_process_owns_is_waited_for_and_then_taken()
    {
        SweepTask task = Task("owned");
        using Process owner = Process.Start("sleep", "60");
        OwnerIdentity identity = OwnerIdentity.Current() with { Pid = owner.Id, ProcessStart = OwnerIdentity.StartOf(owner.Id) };
        new RunFolder(task.Folder).TryClaim(identity, TimeProvider.System);
        heard.OnWaiting = () =>
        {
            Assert.Empty(heard.Started);
            owner.Kill();
            owner.WaitForExit();
        };
        Assert.Equal("owned Finished 0", Text(Assert.Single(Run("true", [task]))));
        Assert.Equal(owner.Id, heard.Owners.First()!.Pid);
    }

    [Fact]
    public void A_worker_that_finds_its_run_owned_is_no_failure()
    {
        TaskResult result = Assert.Single(Run("echo x >> tries; [ $(wc -l < tries) = 3 ] || exit 4", [Task("a")]));
        Assert.Equal("a Finished 0", Text(result));
        Assert.Empty(heard.Retried);
    }

    [Fact]
    public void The_runs_of_a_stack_share_a_worker_and_each_has_its_end_and_its_messages()
    {
        string line = new WorkerMessage { Run = "b", Step = 3, TotalSteps = 9, Tokens = 192 }.ToLine();
        IReadOnlyList<TaskResult> results = RunStacks($"echo $@ >> order; echo '{line}'; echo 'warning: a: passed over it' >&2; for r in $@; do mkdir -p $r; echo '{{}}' > $r/done.json; done", [Task("c", 3)], [Task("a", 2), Task("b", 2)]);
        Assert.Equal(["a b", "c"], Lines("order"));
        Assert.Equal(["a Finished 0", "b Finished 0", "c Finished 0"], results.Select(Text).Order());
        Assert.Equal(["warning: a: passed over it\n", ""], results.Where(r => r.Task.RunId != "c").OrderBy(r => r.Task.RunId).Select(r => r.Error));
        Assert.Equal(["b", "c"], heard.Told); // of a run alone whatever its worker says is of it
    }

    [Fact]
    public void A_stack_that_fails_twice_is_trained_run_by_run_and_what_it_had_finished_is_left_alone()
    {
        string script = "echo $@ >> order; if [ $# -gt 1 ]; then mkdir -p a; echo '{}' > a/done.json; kill -9 $$; fi";
        IReadOnlyList<TaskResult> results = RunStacks(script, [Task("a"), Task("b"), Task("c")]);
        Assert.Equal(["a b c", "b c", "b", "c"], Lines("order"));
        Assert.Equal(["a Finished 0", "b Finished 0", "c Finished 0"], results.Select(Text));
        Assert.Equal(["b 137", "c 137", "b 137", "c 137"], heard.Retried);
    }

    [Fact]
    public void What_will_not_mend_itself_is_told_by_each_run_of_a_stack_alone()
    {
        IReadOnlyList<TaskResult> results = RunStacks("echo $@ >> order; [ $1 = b -a $# = 1 ] || exit 7", [Task("a"), Task("b")]);
        Assert.Equal(["a b", "a", "b"], Lines("order"));
        Assert.Equal(["a Failed 7", "b Finished 0"], results.Select(Text));
    }

    [Fact]
    public void A_stack_that_is_stopped_has_checkpointed_every_run()
    {
        using var stop = new CancellationTokenSource();
        heard.OnStarted = _ => stop.CancelAfter(100);
        Assert.Equal(["a Checkpointed 75", "b Checkpointed 75"], RunStacks(UntilAskedToStop + "exit 75", stop.Token, [Task("a"), Task("b")]).Select(Text));
    }

    [Fact]
    public void Of_a_stack_the_runs_that_another_process_owns_are_waited_for_and_the_others_share_a_step()
    {
        SweepTask owned = Task("owned");
        using Process owner = Process.Start("sleep", "60");
        new RunFolder(owned.Folder).TryClaim(OwnerIdentity.Current() with { Pid = owner.Id, ProcessStart = OwnerIdentity.StartOf(owner.Id) }, TimeProvider.System);
        heard.OnWaiting = () =>
        {
            owner.Kill();
            owner.WaitForExit();
        };
        IReadOnlyList<TaskResult> results = RunStacks("echo $@ >> order; for r in $@; do mkdir -p $r; echo '{}' > $r/done.json; done", [Task("a"), owned, Task("b")]);
        Assert.Equal(["a b", "owned"], Lines("order"));
        Assert.Equal(["a Finished 0", "b Finished 0", "owned Finished 0"], results.Select(Text));
    }

    [Fact]
    public void A_sweep_of_nothing_ends_at_once() => Assert.Empty(Run("exit 1", []));

    private static string Text(TaskResult result) => $"{result.Task.RunId} {result.Outcome} {result.ExitCode}";

    private SweepTask Task(string id, double flops = 1) => new(id, Path.Combine(folder.Path, id), id, flops, 1);

    private string[] Lines(string file) => File.ReadAllLines(Path.Combine(folder.Path, file));

    private Func<SweepTask, WorkerSlot, ProcessStartInfo> Worker(string script) => (task, slot) => new ProcessStartInfo("/bin/sh", ["-c", script, "worker", task.RunId, slot.Device.ToString()]) { WorkingDirectory = folder.Path };

    /// <summary>What a capture cannot do a plain step may.</summary>
    [Fact]
    public void A_stack_of_one_that_fails_is_tried_again_without_a_stack()
    {
        ProcessStartInfo Start(string script) => new("/bin/sh", ["-c", script]) { WorkingDirectory = folder.Path };
        var runner = new SweepRunner((_, _) => Start("echo plain >> order"), WorkerSlot.OnCpu(1), heard, startStack: (tasks, _) => Start($"echo stack of {tasks.Count} >> order; exit 1"), stackOfOne: true);
        Assert.Equal("a Finished 0", Text(Assert.Single(runner.Run([Task("a")], CancellationToken.None, CancellationToken.None))));
        Assert.Equal(["stack of 1", "plain"], File.ReadAllLines(Path.Combine(folder.Path, "order")));
        Assert.Single(heard.Retried);
    }

    private IReadOnlyList<TaskResult> RunStacks(string script, params SweepTask[][] groups) => RunStacks(script, CancellationToken.None, groups);

    private IReadOnlyList<TaskResult> RunStacks(string script, CancellationToken stop, params SweepTask[][] groups)
    {
        ProcessStartInfo Start(IEnumerable<SweepTask> tasks) => new("/bin/sh", ["-c", script, "worker", .. tasks.Select(t => t.RunId)]) { WorkingDirectory = folder.Path };
        return new SweepRunner((task, _) => Start([task]), WorkerSlot.OnCpu(1), heard, startStack: (tasks, _) => Start(tasks)).Run(groups, stop, CancellationToken.None);
    }

    private IReadOnlyList<TaskResult> Run(string script, IReadOnlyList<SweepTask> tasks, int jobs = 1, IReadOnlyList<WorkerSlot>? slots = null, CancellationToken stop = default, CancellationToken kill = default)
    {
        IReadOnlyList<TaskResult> results = new SweepRunner(Worker(script), slots ?? WorkerSlot.OnCpu(jobs), heard).Run(tasks, stop, kill);
        Assert.Equal(results, heard.Ends.OrderBy(e => results.ToList().IndexOf(e)));
        return results;
    }

    private sealed class Recorder : ISweepObserver
    {
        public Action<SweepTask>? OnStarted { get; set; }

        public Action? OnWaiting { get; set; }

        public ConcurrentQueue<SweepTask> Started { get; } = new();

        public ConcurrentQueue<WorkerMessage> Messages { get; } = new();

        public ConcurrentQueue<string> Retried { get; } = new();

        public ConcurrentQueue<ClaimRecord?> Owners { get; } = new();

        public ConcurrentQueue<TaskResult> Ends { get; } = new();

        void ISweepObserver.Started(SweepTask task)
        {
            Started.Enqueue(task);
            OnStarted?.Invoke(task);
        }

        public ConcurrentQueue<string> Told { get; } = new();

        public void Progressed(SweepTask task, WorkerMessage message)
        {
            Messages.Enqueue(message);
            Told.Enqueue(task.RunId);
        }

        public void Retrying(SweepTask task, int exitCode, string error) => Retried.Enqueue($"{task.RunId} {exitCode}");

        public void Waiting(SweepTask task, ClaimRecord? owner)
        {
            Owners.Enqueue(owner);
            OnWaiting?.Invoke();
        }

        public void Ended(TaskResult result) => Ends.Enqueue(result);
    }
}
