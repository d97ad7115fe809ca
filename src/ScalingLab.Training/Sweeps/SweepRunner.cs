using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using ScalingLab.Core;
using ScalingLab.Core.Runs;

namespace ScalingLab.Training.Sweeps;

/// <summary>Hears what a sweep does, from any of its threads.</summary>
public interface ISweepObserver
{
    /// <summary>A worker has started on a task.</summary>
    void Started(SweepTask task);

    /// <summary>A worker tells how far it is.</summary>
    void Progressed(SweepTask task, WorkerMessage message);

    /// <summary>A worker failed and the task is tried again.</summary>
    void Retrying(SweepTask task, int exitCode, string error);

    /// <summary>Another process is training the task's run, which is put back; told each time it is looked at.</summary>
    void Waiting(SweepTask task, ClaimRecord? owner);

    /// <summary>A task has ended.</summary>
    void Ended(TaskResult result);
}

/// <summary>Trains the tasks of a sweep, one worker process a run or a stack of runs, and so many at a time.</summary>
/// <remarks>
/// A crash, an out-of-memory kill or a hang of a worker ends that attempt, not the sweep. A run that another process owns
/// is put back and tried again until it is done or its owner is gone, so that two sweeps of one folder share its runs.
/// The runs of a stack whose worker failed twice are trained one by one; a stack of one that failed once, without a stack.
/// </remarks>
/// <param name="startWorker">Makes the start information of a worker for a task in a place.</param>
/// <param name="slots">Places of workers, 1 or more; each takes one at a time.</param>
/// <param name="observer">Hears what happens.</param>
/// <param name="startStack">Makes the start information of a worker for several tasks in one step; null where there are no stacks.</param>
/// <param name="stackOfOne">Whether a run by itself is first tried as a stack.</param>
/// <param name="silence">Longest time without a word from a worker before it counts as hung; null for half an hour, which no step or evaluation takes.</param>
public sealed class SweepRunner(
    Func<SweepTask, WorkerSlot, ProcessStartInfo> startWorker,
    IReadOnlyList<WorkerSlot> slots,
    ISweepObserver observer,
    TimeSpan? silence = null,
    Func<IReadOnlyList<SweepTask>, WorkerSlot, ProcessStartInfo>? startStack = null,
    bool stackOfOne = false)
{
    private const int Attempts = 2; // a run whose worker fails twice would fail a third time
    private const int MaxErrorCharacters = 1 << 16;
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OwnedPause = TimeSpan.FromMilliseconds(500);

    private readonly TimeSpan silence = silence ?? TimeSpan.FromMinutes(30);

    /// <summary>Runs all tasks, each alone, the largest first.</summary>
    /// <param name="tasks">Unfinished runs.</param>
    /// <param name="stop">When cancelled, workers are asked to checkpoint and no further task starts.</param>
    /// <param name="kill">When cancelled, workers are killed.</param>
    /// <returns>Ends of tasks; fewer than tasks only after a stop.</returns>
    public IReadOnlyList<TaskResult> Run(IReadOnlyList<SweepTask> tasks, CancellationToken stop, CancellationToken kill) =>
        Run([.. tasks.Select(t => new[] { t })], stop, kill);

    /// <summary>Runs all tasks, those of each group in one worker, the largest group first.</summary>
    /// <param name="groups">Unfinished runs: one to be trained alone, several to share a step.</param>
    /// <param name="stop">When cancelled, workers are asked to checkpoint and no further group starts.</param>
    /// <param name="kill">When cancelled, workers are killed.</param>
    /// <returns>Ends of tasks; fewer than tasks only after a stop.</returns>
    public IReadOnlyList<TaskResult> Run(IReadOnlyList<IReadOnlyList<SweepTask>> groups, CancellationToken stop, CancellationToken kill)
    {
        var queue = new Queue<IReadOnlyList<SweepTask>>(groups.OrderByDescending(g => g.Sum(t => t.Flops)));
        var results = new List<TaskResult>();
        var threads = new List<Thread>();
        foreach (WorkerSlot slot in slots.Take(groups.Sum(g => g.Count)))
        {
            var thread = new Thread(() => Work(slot)) { IsBackground = true, Name = $"sweep slot on {slot.Device}" };
            thread.Start();
            threads.Add(thread);
        }

        threads.ForEach(t => t.Join());
        return results;

        void Work(WorkerSlot slot)
        {
            while (!stop.IsCancellationRequested)
            {
                IReadOnlyList<SweepTask> group;
                lock (queue)
                {
                    if (!queue.TryDequeue(out group!))
                        return;
                }

                IReadOnlyList<TaskResult> ended = Guarded(group, () => group.Count > 1 ? RunStack(group, slot, stop, kill) : RunTask(group[0], slot, stop, kill) is { } result ? [result] : []);
                lock (queue)
                    results.AddRange(ended);
                foreach (TaskResult end in ended)
                    observer.Ended(end);
                SweepTask[] left = [.. group.Where(t => ended.All(e => e.Task != t))];
                foreach (SweepTask task in left)
                {
                    if (group.Count == 1)
                        observer.Waiting(task, new RunFolder(task.Folder).LatestClaim());
                    lock (queue)
                        queue.Enqueue([task]);
                }

                if (left.Length > 0 && group.Count == 1)
                    stop.WaitHandle.WaitOne(OwnedPause);
            }
        }
    }

    // An exception on this thread would end the program and orphan the other workers.
    private static IReadOnlyList<TaskResult> Guarded(IReadOnlyList<SweepTask> tasks, Func<IReadOnlyList<TaskResult>> run)
    {
        try
        {
            return run();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Win32Exception or Core.Diagnostics.UserErrorException)
        {
            return [.. tasks.Select(t => new TaskResult(t, TaskOutcome.Failed, (int)ExitCode.Internal, error.Message))];
        }
    }

    /// <returns>Null when another process owns the run.</returns>
    private TaskResult? RunTask(SweepTask task, WorkerSlot slot, CancellationToken stop, CancellationToken kill)
    {
        var folder = new RunFolder(task.Folder);
        for (int attempt = 1; ; attempt++)
        {
            if (!folder.IsDone && folder.HasLivingOwner(OwnerIdentity.Current(), TimeProvider.System))
                return null;
            observer.Started(task);
            (int exitCode, string error) = RunWorker(attempt == 1 && stackOfOne ? startStack!([task], slot) : startWorker(task, slot), message => observer.Progressed(task, message), stop, kill);
            switch ((ExitCode)exitCode)
            {
                case ExitCode.Success:
                    return new TaskResult(task, TaskOutcome.Finished, exitCode, error);
                case ExitCode.Checkpointed:
                    return new TaskResult(task, TaskOutcome.Checkpointed, exitCode, error);
                case ExitCode.RunsFailed: // another process claimed the run first, or took it over
                    return null;

                // A full disk or corrupt data will not mend itself; a crash, or a kill for memory, may.
                case ExitCode.Usage or ExitCode.Config or ExitCode.Device or ExitCode.CorruptData or ExitCode.Disk:
                    return new TaskResult(task, TaskOutcome.Failed, exitCode, error);
            }

            if (stop.IsCancellationRequested)
                return new TaskResult(task, TaskOutcome.Stopped, exitCode, error);
            if (attempt == Attempts)
                return new TaskResult(task, TaskOutcome.Failed, exitCode, error);
            observer.Retrying(task, exitCode, error);
        }
    }

    /// <returns>Ends of the tasks that have one; those that have none go on alone.</returns>
    private List<TaskResult> RunStack(IReadOnlyList<SweepTask> tasks, WorkerSlot slot, CancellationToken stop, CancellationToken kill)
    {
        var ended = new List<TaskResult>();
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            SweepTask[] left = [.. tasks.Where(t => ended.All(e => e.Task != t) && !IsOwned(t))];
            if (left.Length < 2) // nothing to share a step with
                return ended;
            Array.ForEach(left, observer.Started);
            (int exitCode, string error) = RunWorker(startStack!(left, slot), Tell, stop, kill);
            foreach (SweepTask task in left)
            {
                if (EndInStack(task, exitCode, error, stop) is { } end)
                    ended.Add(end);
            }

            if ((ExitCode)exitCode != ExitCode.Internal && Enum.IsDefined((ExitCode)exitCode)) // what will not mend itself is for each run to tell
                return ended;
            if (stop.IsCancellationRequested)
                return ended;
            foreach (SweepTask task in left.Where(t => ended.All(e => e.Task != t)))
                observer.Retrying(task, exitCode, error);
        }

        return ended;

        void Tell(WorkerMessage message)
        {
            if (tasks.FirstOrDefault(t => t.RunId == message.Run) is { } task)
                observer.Progressed(task, message);
        }
    }

    // What a stack's worker ended with says nothing of the runs that it had finished by then.
    private static TaskResult? EndInStack(SweepTask task, int exitCode, string error, CancellationToken stop) => (ExitCode)exitCode switch
    {
        _ when new RunFolder(task.Folder).IsDone => new TaskResult(task, TaskOutcome.Finished, (int)ExitCode.Success, AboutRun(task, error)),
        ExitCode.Checkpointed => new TaskResult(task, TaskOutcome.Checkpointed, exitCode, error),
        ExitCode.Success or ExitCode.RunsFailed => null, // another process has it
        _ when stop.IsCancellationRequested => new TaskResult(task, TaskOutcome.Stopped, exitCode, error),
        _ => null,
    };

    private static string AboutRun(SweepTask task, string error) => string.Concat(error.Split('\n').Where(line => line.Contains(task.RunId, StringComparison.Ordinal)).Select(line => line + "\n"));

    private static bool IsOwned(SweepTask task)
    {
        var folder = new RunFolder(task.Folder);
        return !folder.IsDone && folder.HasLivingOwner(OwnerIdentity.Current(), TimeProvider.System);
    }

    private (int ExitCode, string Error) RunWorker(ProcessStartInfo start, Action<WorkerMessage> tell, CancellationToken stop, CancellationToken kill)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var worker = new Process { StartInfo = start };
        try
        {
            worker.Start();
        }
        catch (Win32Exception failure)
        {
            return ((int)ExitCode.Internal, $"the worker did not start: {failure.Message}");
        }

        var error = new StringBuilder();
        long heard = Stopwatch.GetTimestamp();
        worker.OutputDataReceived += (_, line) =>
        {
            Interlocked.Exchange(ref heard, Stopwatch.GetTimestamp());
            if (line.Data is { } text && WorkerMessage.Parse(text) is { } message)
                tell(message);
        };
        worker.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text && error.Length < MaxErrorCharacters)
                error.AppendLine(text);
        };
        worker.BeginOutputReadLine();
        worker.BeginErrorReadLine();

        // A worker stops when its standard input ends, which also happens when this process dies in any way.
        using CancellationTokenRegistration stopping = stop.Register(() => Quietly(worker.StandardInput.Close));
        using CancellationTokenRegistration killing = kill.Register(() => Quietly(worker.Kill));
        bool hung = false;
        while (!worker.WaitForExit(200))
        {
            hung = Stopwatch.GetElapsedTime(Interlocked.Read(ref heard)) > silence;
            if (hung || (stop.IsCancellationRequested && !worker.WaitForExit(StopPatience)))
                Quietly(worker.Kill);
        }

        worker.WaitForExit(); // until both streams are read to their ends
        if (hung)
            error.Insert(0, string.Create(CultureInfo.InvariantCulture, $"the worker was killed: no word from it for {silence.TotalSeconds:0} s\n"));
        return (worker.ExitCode, error.ToString());
    }

    private static void Quietly(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or ObjectDisposedException)
        {
            // The worker has ended already.
        }
    }
}
