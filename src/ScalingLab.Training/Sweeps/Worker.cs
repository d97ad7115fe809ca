using ScalingLab.Core;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Data;
using ScalingLab.Training.Energy;

namespace ScalingLab.Training.Sweeps;

/// <summary>The body of a worker process: owns one run from claim to checkpoint or end.</summary>
public static class Worker
{
    /// <summary>Trains the run of a folder.</summary>
    /// <param name="folder">Folder with <c>config.json</c>.</param>
    /// <param name="cacheFolder">Where token files are kept.</param>
    /// <param name="threads">Threads an operator may use.</param>
    /// <param name="slot">Where it trains.</param>
    /// <param name="clock">Measures time.</param>
    /// <param name="report">Told how far the run is.</param>
    /// <param name="warn">Told of what went wrong and was mended.</param>
    /// <param name="stop">When cancelled, checkpoints and returns.</param>
    /// <returns>Success when done.json is there, Checkpointed when stopped, RunsFailed when another process owns the run.</returns>
    /// <exception cref="UserErrorException">Config, data or disk cannot be used.</exception>
    public static ExitCode Run(RunFolder folder, string cacheFolder, int threads, WorkerSlot slot, TimeProvider clock, Action<WorkerMessage>? report, Action<string>? warn, CancellationToken stop)
    {
        RunManifest manifest = folder.ReadManifest() ?? throw NoManifest(folder);
        if (folder.IsDone)
            return ExitCode.Success;
        RunData.CheckConfig(folder, manifest);
        using PreparedCorpus corpus = TokenCache.Prepare(RunData.CorpusOf(folder, manifest), cacheFolder);
        RunData.Check(folder, manifest, corpus);
        corpus.Verify(); // what a run trained on must be what its config.json says
        OwnerIdentity me = OwnerIdentity.Current(Environment.GetEnvironmentVariable("SLURM_JOB_ID"));
        if (folder.TryClaim(me, clock) is not { } claim)
            return folder.IsDone ? ExitCode.Success : throw Owned(folder);
        try
        {
            ProviderCapabilities.Initialise(threads);
            (manifest, IGpuList gpus) = Begin(folder, claim, manifest, me, slot, clock);
            using var trainer = new Trainer(manifest.Config, corpus, slot.Device);
            if (trainer.Model.Operators.Problem is { } problem)
                warn?.Invoke(problem);
            using EnergyMeter meter = EnergyMeters.Of(slot.Device, slot.Alone, gpus, clock);
            var loop = new TrainingLoop(folder, claim, manifest, trainer, clock, report, warn, meter);
            LoopEnd end = loop.Run(stop);
            return end == LoopEnd.Done ? ExitCode.Success : ExitCode.Checkpointed;
        }
        finally
        {
            ReleaseQuietly(claim);
        }
    }

    /// <summary>Looks whether the device can be used, and writes into config.json that an attempt has begun.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="claim">The attempt.</param>
    /// <param name="manifest">Its config.json.</param>
    /// <param name="me">This process.</param>
    /// <param name="slot">Where it trains.</param>
    /// <param name="clock">The time.</param>
    /// <param name="stack">Runs trained in one step, this one among them; null when it is trained alone.</param>
    /// <returns>The config.json as written, and the GPUs that are there.</returns>
    internal static (RunManifest Manifest, IGpuList Gpus) Begin(RunFolder folder, RunClaim claim, RunManifest manifest, OwnerIdentity me, WorkerSlot slot, TimeProvider clock, int? stack = null)
    {
        IGpuList gpus = slot.Device.IsCuda ? CudaDriver.Ask() : NoGpus.Instance;
        DeviceChecks.Require(slot.Device, ProviderCapabilities.CudaDevices, gpus);
        ProviderCapabilities.UseDevice(slot.Device);
        string device = gpus.Gpus.FirstOrDefault(g => g.Index == slot.Device.CudaIndex) is { } gpu ? $"{slot.Device} {gpu.Name}" : slot.Device.ToString();
        RunManifest begun = manifest with
        {
            Device = device,
            Libtorch = ProviderCapabilities.LibTorchVersion,
            Attempts = [.. manifest.Attempts, new AttemptStart(claim.Attempt, clock.GetUtcNow(), me.Host, device, ProviderCapabilities.LibTorchVersion, stack)],
        };
        claim.Check();
        folder.WriteManifest(begun);
        return (begun, gpus);
    }

    // Giving the run up early is a courtesy: the claim ends with this process, and a full disk must not hide how the run ended.
    internal static void ReleaseQuietly(RunClaim claim)
    {
        try
        {
            claim.Release();
        }
        catch (UserErrorException)
        {
        }
    }

    internal static UserErrorException NoManifest(RunFolder folder) => new(ExitCode.CorruptData, new Diagnostic(
        "SL0642", $"'{folder.Path}' has no config.json: it is no run folder", null, "name a folder below runs/<sweep>/"));

    internal static UserErrorException Owned(RunFolder folder) => new(ExitCode.RunsFailed, new Diagnostic(
        "SL0643",
        folder.LatestClaim() is { } owner ? $"{folder.Id} is being trained by process {owner.Pid} on {owner.Host}" : $"{folder.Id} is being claimed by another process",
        null,
        "wait for it, or end it first"));
}
