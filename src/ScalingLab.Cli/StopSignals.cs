using System.Runtime.InteropServices;
using ScalingLab.Core;

namespace ScalingLab.Cli;

/// <summary>Ctrl-C, SIGTERM, a closed terminal and Slurm's SIGUSR2: the first asks for a checkpoint, the second ends at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private const int SigUsr2 = 12; // Linux; sent by Slurm's --signal before the time limit

    private readonly CancellationTokenSource stop = new();
    private readonly CancellationTokenSource kill = new();
    private readonly List<PosixSignalRegistration> registrations = [];

    public StopSignals(Action<string>? say = null)
    {
        foreach (PosixSignal signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, (PosixSignal)SigUsr2 })
        {
            registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                if (!stop.IsCancellationRequested)
                {
                    say?.Invoke("stopping: each run writes a checkpoint; again to stop at once");
                    stop.Cancel();
                }
                else
                {
                    HardExit = context.Signal == PosixSignal.SIGTERM ? ExitCode.Terminated : ExitCode.Interrupted;
                    kill.Cancel();
                }
            }));
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Stop => stop.Token;

    /// <summary>Cancelled by the second.</summary>
    public CancellationToken Kill => kill.Token;

    /// <summary>What to return after a second signal; null when there was none.</summary>
    public ExitCode? HardExit { get; private set; }

    public void Dispose()
    {
        registrations.ForEach(r => r.Dispose());
        stop.Dispose();
        kill.Dispose();
    }
}
