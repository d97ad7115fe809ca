using ScalingLab.Training.Sweeps;

namespace ScalingLab.Cli.Progress;

/// <summary>What is known of a running sweep, gathered from its workers; any thread may tell, any may read.</summary>
/// <param name="total">Runs of the whole sweep, those finished before included.</param>
/// <param name="tasks">Runs of this start.</param>
/// <param name="peakFlopsPerSecond">Measured product peak of one worker, for MFU; null when unknown.</param>
/// <param name="clock">Measures time.</param>
internal sealed class SweepProgress(int total, IReadOnlyList<SweepTask> tasks, double? peakFlopsPerSecond, TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly long start = clock.GetTimestamp();
    private readonly Dictionary<string, RunningTask> running = [];
    private readonly Dictionary<string, double> shareAtStart = []; // of runs that go on from a checkpoint
    private double endedFlops;
    private int finished = total - tasks.Count;

    public double? PeakFlopsPerSecond => peakFlopsPerSecond;

    public void Started(SweepTask task)
    {
        lock (gate)
            running[task.RunId] = new RunningTask(task, running.Count == 0 ? 1 : running.Values.Max(r => r.Number) + 1);
    }

    public void Progressed(SweepTask task, WorkerMessage message)
    {
        lock (gate)
        {
            if (running.TryGetValue(task.RunId, out RunningTask? known))
            {
                known.Update(message);
                shareAtStart.TryAdd(task.RunId, known.Share);
            }
        }
    }

    public void Waiting(SweepTask task)
    {
        lock (gate)
            running.Remove(task.RunId);
    }

    public void Ended(TaskResult result)
    {
        lock (gate)
        {
            running.Remove(result.Task.RunId);
            if (result.Outcome == TaskOutcome.Finished)
                finished++;
            endedFlops += result.Task.Flops;
        }
    }

    /// <summary>The runs under way, and the sweep as a whole.</summary>
    public SweepSnapshot Snapshot()
    {
        lock (gate)
        {
            // What earlier starts did took none of this start's time.
            double earlier = tasks.Sum(t => t.Flops * shareAtStart.GetValueOrDefault(t.RunId));
            double all = tasks.Sum(t => t.Flops) - earlier;
            double done = endedFlops + running.Values.Sum(r => r.Task.Flops * r.Share) - earlier;
            double seconds = clock.GetElapsedTime(start).TotalSeconds;
            TimeSpan? eta = done > 0 && seconds > 3 ? TimeSpan.FromSeconds(seconds * (all - done) / done) : null;
            return new SweepSnapshot([.. running.Values.OrderBy(r => r.Number).Select(r => r.Copy())], finished, total, TimeSpan.FromSeconds(seconds), eta);
        }
    }
}

/// <summary>A sweep at one moment.</summary>
internal sealed record SweepSnapshot(IReadOnlyList<RunningTask> Running, int Finished, int Total, TimeSpan Elapsed, TimeSpan? Remaining);

/// <summary>A run that a worker is training.</summary>
internal sealed class RunningTask(SweepTask task, int number)
{
    private const int SparkPoints = 8;
    private const int MostLosses = 512;

    private List<double> losses = [];

    public SweepTask Task => task;

    public int Number => number;

    public WorkerMessage? Last { get; private set; }

    public double Share => Last is { TotalSteps: > 0 } last ? (double)last.Step / last.TotalSteps : 0;

    /// <summary>Losses so far, evenly spread, at most a handful.</summary>
    public IReadOnlyList<double> Losses => losses.Count <= SparkPoints ? losses : [.. Enumerable.Range(0, SparkPoints).Select(i => losses[i * (losses.Count - 1) / (SparkPoints - 1)])];

    public void Update(WorkerMessage message)
    {
        Last = message;
        if (message.LossNats is { } loss)
            losses.Add(loss);
        if (losses.Count > MostLosses) // every second one is enough for a spark
            losses = [.. losses.Where((_, i) => i % 2 == 0)];
    }

    public RunningTask Copy() => new(task, number) { Last = Last, losses = [.. losses] };
}
