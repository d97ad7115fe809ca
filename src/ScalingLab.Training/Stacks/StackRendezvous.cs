namespace ScalingLab.Training.Stacks;

/// <summary>The stack could take no further step: what went wrong is told by the stack itself.</summary>
internal sealed class StackBrokenException() : Exception("the stack of this run ended");

/// <summary>Where the loops of a stack's runs, each on its thread, meet the one thread that trains them all.</summary>
/// <remarks>
/// 1. A loop that wants a step waits here, and so does one that has not begun. 2. When every run that has not left waits, nobody
/// touches weights: the stack steps. 3. Each is given its results and goes on: logs, evaluates, checkpoints, and comes back or leaves.
/// </remarks>
/// <param name="stack">Trains them.</param>
/// <param name="clock">Measures time.</param>
internal sealed class StackRendezvous(StackTrainer stack, TimeProvider clock)
{
    private readonly object gate = new();
    private readonly Lock device = new();
    private readonly List<StackMember> members = [];
    private readonly List<StackMember> gone = [];
    private readonly HashSet<StackMember> waiting = [];
    private readonly StackPace pace = new(stack.MostSteps);
    private bool broken;

    /// <summary>FLOPs of one run's step; null when the provider cannot count.</summary>
    public MeasuredFlops? FlopsPerStep => stack.FlopsPerStep;

    /// <summary>A run takes part: the stack waits for it from now on.</summary>
    public void Join(StackMember member)
    {
        lock (gate)
            members.Add(member);
    }

    /// <summary>A run takes part no longer; its loop has ended.</summary>
    public void Leave(StackMember member)
    {
        lock (gate)
        {
            members.Remove(member);
            gone.Add(member);
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Waits for steps.</summary>
    /// <exception cref="StackBrokenException">There will be none.</exception>
    public void AwaitSteps(StackMember member)
    {
        lock (gate)
        {
            waiting.Add(member);
            Monitor.PulseAll(gate);
            while (waiting.Contains(member) && !broken)
                Monitor.Wait(gate);
            if (waiting.Contains(member))
                throw new StackBrokenException();
        }
    }

    /// <summary>Work on the device beside steps: one run's at a time, which bounds memory.</summary>
    public T OneAtATime<T>(Func<T> work)
    {
        lock (device)
            return work();
    }

    /// <summary>Trains until every run has left.</summary>
    public void Train()
    {
        try
        {
            while (NextSteps() is > 0 and var steps)
            {
                long start = clock.GetTimestamp();
                IReadOnlyDictionary<StackedRun, IReadOnlyList<StepResult>> results = stack.Advance(steps);
                double seconds = clock.GetElapsedTime(start).TotalSeconds;
                pace.Took(steps, seconds);
                lock (gate)
                {
                    foreach (StackMember member in waiting)
                        member.Tell(results[member.Run], seconds / steps);
                    waiting.Clear();
                    Monitor.PulseAll(gate);
                }
            }
        }
        catch
        {
            lock (gate)
            {
                broken = true;
                Monitor.PulseAll(gate);
            }

            throw;
        }
    }

    /// <summary>Waits until all wait, and says how many steps they may take; 0 when all have left.</summary>
    private int NextSteps()
    {
        lock (gate)
        {
            while (waiting.Count < members.Count)
                Monitor.Wait(gate);
            gone.ForEach(m => stack.Leave(m.Run));
            gone.Clear();
            return (int)members.Select(m => Math.Min(m.StepsToRest, pace.Steps)).DefaultIfEmpty(0).Min();
        }
    }
}
