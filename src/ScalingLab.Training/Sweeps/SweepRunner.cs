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

/// <summary>Trains the tasks of a sweep, one worker process a run and so many at a time.</summary>
/// <remarks>
/// A crash, an out-of-memory kill or a hang of a worker ends that attempt, not the sweep. A run that another process owns
/// is put back and tried again until it is done or its owner is gone, so that two sweeps of one folder share its runs.
/// </remarks>
/// <param name="startWorker">Makes the start information of a worker for a task in a place.</param>
/// <param name="slots">Places of workers, 1 or more; each takes one at a time.</param>
/// <param name="observer">Hears what happens.</param>
/// <param name="silence">Longest time without a word from a worker before it counts as hung; null for half an hour, which no step or evaluation takes.</param>
public sealed class SweepRunner(Func<SweepTask, WorkerSlot, ProcessStartInfo> startWorker, IReadOnlyList<WorkerSlot> slots, ISweepObserver observer, TimeSpan? silence = null)
{
    private const int Attempts = 2; // a run whose worker fails twice would fail a third time
    private const int MaxErrorCharacters = 1 << 16;
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OwnedPause = TimeSpan.FromMilliseconds(500);

    private readonly TimeSpan silence = silence ?? TimeSpan.FromMinutes(30);

    /// <summary>Runs all tasks, the largest first.</summary>
    /// <param name="tasks">Unfinished runs.</param>
    /// <param name="stop">When cancelled, workers are asked to checkpoint and no further task starts.</param>
    /// <param name="kill">When cancelled, workers are killed.</param>
    /// <returns>Ends of tasks; fewer than tasks only after a stop.</returns>
    public IReadOnlyList<TaskResult> Run(IReadOnlyList<SweepTask> tasks, CancellationToken stop, CancellationToken kill)
    {
        var queue = new Queue<SweepTask>(tasks.OrderByDescending(t => t.Flops));
        var results = new List<TaskResult>();
        var threads = new List<Thread>();
        foreach (WorkerSlot slot in slots.Take(tasks.Count))
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
                SweepTask task;
                lock (queue)
                {
                    if (!queue.TryDequeue(out task!))
                        return;
                }

                if (Guarded(task, slot, stop, kill) is { } result)
                {
                    lock (queue)
                        results.Add(result);
                    observer.Ended(result);
                    continue;
                }

                observer.Waiting(task, new RunFolder(task.Folder).LatestClaim());
                lock (queue)
                    queue.Enqueue(task);
                stop.WaitHandle.WaitOne(OwnedPause);
            }
        }
    }

    // An exception on this thread would end the program and orphan the other workers.
    private TaskResult? Guarded(SweepTask task, WorkerSlot slot, CancellationToken stop, CancellationToken kill)
    {
        try
        {
            return RunTask(task, slot, stop, kill);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Win32Exception or Core.Diagnostics.UserErrorException)
        {
            return new TaskResult(task, TaskOutcome.Failed, (int)ExitCode.Internal, error.Message);
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
            (int exitCode, string error) = RunWorker(task, slot, stop, kill);
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

    private (int ExitCode, string Error) RunWorker(SweepTask task, WorkerSlot slot, CancellationToken stop, CancellationToken kill)
    {
        ProcessStartInfo start = startWorker(task, slot);
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
                observer.Progressed(task, message);
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
