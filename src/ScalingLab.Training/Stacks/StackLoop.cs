using ScalingLab.Training.Energy;
using ScalingLab.Training.Sweeps;

namespace ScalingLab.Training.Stacks;

/// <summary>Takes the runs of a stack from their last checkpoints to their ends, each writing its folder as it goes.</summary>
/// <remarks>
/// Each run has a <see cref="TrainingLoop"/>, the one that writes its folder when it is trained alone, on a thread of its own;
/// this thread trains. A run that ends, diverges, is taken over or cannot write its folder leaves, and the others go on.
/// </remarks>
/// <param name="stack">A fresh stack of the runs, in their order.</param>
/// <param name="runs">The runs.</param>
/// <param name="threads">Threads an operator may use.</param>
/// <param name="clock">Measures time.</param>
/// <param name="report">Told how far each run is, from any thread.</param>
/// <param name="warn">Told of each checkpoint that does not load and was passed over, from any thread.</param>
/// <param name="newMeter">Makes the energy meter of a run; null for none.</param>
public sealed class StackLoop(StackTrainer stack, IReadOnlyList<ClaimedRun> runs, int threads, TimeProvider clock, Action<WorkerMessage>? report = null, Action<string>? warn = null, Func<EnergyMeter>? newMeter = null)
{
    private readonly StackRendezvous rendezvous = new(stack, clock);

    /// <summary>Trains until every run has ended or was asked to stop; how each did is told by <see cref="ClaimedRun.End"/> and <see cref="ClaimedRun.Error"/>.</summary>
    /// <exception cref="Exception">The stack could take no further step: its runs stand at their last checkpoints.</exception>
    public void Run(CancellationToken stop)
    {
        StackMember[] members = [.. stack.Runs.Zip(runs, (stacked, run) => new StackMember(stacked, rendezvous, run.Manifest.Logging))];
        foreach (StackMember member in members)
            rendezvous.Join(member);
        Thread[] loops = [.. members.Zip(runs, (member, run) => new Thread(() => Loop(member, run, stop)) { IsBackground = true, Name = run.Folder.Id })];
        foreach (Thread loop in loops)
            loop.Start();
        try
        {
            rendezvous.Train();
        }
        finally
        {
            foreach (Thread loop in loops)
                loop.Join();
        }
    }

    private void Loop(StackMember member, ClaimedRun run, CancellationToken stop)
    {
        try
        {
            set_num_threads(threads); // OpenMP keeps the number by thread
            ProviderCapabilities.UseDevice(stack.Device); // and CUDA the device
            using EnergyMeter? meter = newMeter?.Invoke();
            var loop = new TrainingLoop(run.Folder, run.Claim, run.Manifest, member, clock, message => report?.Invoke(message with { Run = run.Folder.Id }), warn, meter);
            run.End = loop.Run(stop);
        }
        catch (Exception error) // an exception on this thread would end the process, and with it the other runs
        {
            run.Error = error;
        }
        finally
        {
            rendezvous.Leave(member);
        }
    }
}
