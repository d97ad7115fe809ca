using System.Diagnostics;

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

    /// <summary>A task has ended.</summary>
    void Ended(TaskResult result);
}

/// <summary>Trains the tasks of a sweep, one worker process a run and so many at a time.</summary>
/// <remarks>A crash, an out-of-memory kill or a hang of a worker ends that attempt, not the sweep.</remarks>
/// <param name="startWorker">Makes the start information of a worker for a task.</param>
/// <param name="jobs">Workers at a time, 1 or more.</param>
/// <param name="observer">Hears what happens.</param>
public sealed class SweepRunner(Func<SweepTask, ProcessStartInfo> startWorker, int jobs, ISweepObserver observer)
{
    private const int Attempts = 2; // a run whose worker fails twice would fail a third time
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    /// <summary>Runs all tasks, the largest first.</summary>
    /// <param name="tasks">Unfinished runs.</param>
    /// <param name="stop">When cancelled, workers are asked to checkpoint and no further task starts.</param>
    /// <param name="kill">When cancelled, workers are killed.</param>
    public IReadOnlyList<TaskResult> Run(IReadOnlyList<SweepTask> tasks, CancellationToken stop, CancellationToken kill)
    {
        var queue = new Queue<SweepTask>(tasks.OrderByDescending(t => t.Flops));
        var results = new List<TaskResult>();
        var threads = new List<Thread>();
        for (int slot = 0; slot < Math.Min(jobs, tasks.Count); slot++)
        {
            var thread = new Thread(Work) { IsBackground = true, Name = $"sweep slot {slot}" };
            thread.Start();
            threads.Add(thread);
        }

        threads.ForEach(t => t.Join());
        return results;

        void Work()
        {
            while (!stop.IsCancellationRequested)
            {
                SweepTask task;
                lock (queue)
                {
                    if (!queue.TryDequeue(out task!))
                        return;
                }

                TaskResult result = RunTask(task, stop, kill);
                lock (queue)
                    results.Add(result);
                observer.Ended(result);
            }
        }
    }

    private TaskResult RunTask(SweepTask task, CancellationToken stop, CancellationToken kill)
    {
        for (int attempt = 1; ; attempt++)
        {
            observer.Started(task);
            (int exitCode, string error) = RunWorker(task, stop, kill);
            if (exitCode == (int)Core.ExitCode.Success)
                return new TaskResult(task, TaskOutcome.Finished, exitCode, error);
            if (exitCode == (int)Core.ExitCode.Checkpointed || stop.IsCancellationRequested)
                return new TaskResult(task, TaskOutcome.Checkpointed, exitCode, error);

            // A full disk or corrupt data will not mend itself; a crash, or a kill for memory, may.
            bool hopeless = exitCode is (int)Core.ExitCode.Disk or (int)Core.ExitCode.CorruptData or (int)Core.ExitCode.Config or (int)Core.ExitCode.Device;
            if (hopeless || attempt == Attempts)
                return new TaskResult(task, TaskOutcome.Failed, exitCode, error);
            observer.Retrying(task, exitCode, error);
        }
    }

    private (int ExitCode, string Error) RunWorker(SweepTask task, CancellationToken stop, CancellationToken kill)
    {
        ProcessStartInfo start = startWorker(task);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process worker = Process.Start(start) ?? throw new InvalidOperationException("The worker process did not start.");
        var error = new System.Text.StringBuilder();
        worker.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text && WorkerMessage.Parse(text) is { } message)
                observer.Progressed(task, message);
        };
        worker.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text && error.Length < 1 << 16)
                error.AppendLine(text);
        };
        worker.BeginOutputReadLine();
        worker.BeginErrorReadLine();

        // A worker stops when its standard input ends, which also happens when this process dies in any way.
        using CancellationTokenRegistration stopping = stop.Register(() => Quietly(worker.StandardInput.Close));
        using CancellationTokenRegistration killing = kill.Register(() => Quietly(worker.Kill));
        while (!worker.WaitForExit(200))
        {
            if (stop.IsCancellationRequested && !worker.WaitForExit(StopPatience))
                Quietly(worker.Kill);
        }

        worker.WaitForExit(); // until both streams are read to their ends
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
