using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Data;
using ScalingLab.Training.Energy;
using ScalingLab.Training.Stacks;

namespace ScalingLab.Training.Sweeps;

/// <summary>The body of a worker process that trains several runs of one shape in one step, each with its own claim and folder.</summary>
public static class StackWorker
{
    /// <summary>Trains the runs of some folders.</summary>
    /// <param name="folders">Folders with <c>config.json</c>, of one shape, batch and corpus.</param>
    /// <param name="cacheFolder">Where token files are kept.</param>
    /// <param name="threads">Threads an operator may use.</param>
    /// <param name="slot">Where it trains.</param>
    /// <param name="clock">Measures time.</param>
    /// <param name="report">Told how far each run is, from any thread.</param>
    /// <param name="warn">Told of what went wrong and was mended, from any thread.</param>
    /// <param name="stop">When cancelled, every run checkpoints.</param>
    /// <returns>Success when every run has its done.json, Checkpointed when stopped, RunsFailed when another process owns or took one of them.</returns>
    /// <exception cref="UserErrorException">Config, data or disk of a run cannot be used; the others have ended or have checkpoints.</exception>
    public static ExitCode Run(IReadOnlyList<RunFolder> folders, string cacheFolder, int threads, WorkerSlot slot, TimeProvider clock, Action<WorkerMessage>? report, Action<string>? warn, CancellationToken stop)
    {
        List<(RunFolder Folder, RunManifest Manifest)> runs = [.. folders.Where(f => !f.IsDone).Select(f => (f, f.ReadManifest() ?? throw Worker.NoManifest(f)))];
        if (runs.Count == 0)
            return ExitCode.Success;
        foreach ((RunFolder folder, RunManifest manifest) in runs)
        {
            RunData.CheckConfig(folder, manifest);
            if (What(manifest) != What(runs[0].Manifest))
                throw Unlike(folder, runs[0].Folder);
        }

        using PreparedCorpus corpus = TokenCache.Prepare(RunData.CorpusOf(runs[0].Folder, runs[0].Manifest), cacheFolder);
        foreach ((RunFolder folder, RunManifest manifest) in runs)
            RunData.Check(folder, manifest, corpus);
        corpus.Verify();
        ProviderCapabilities.Initialise(threads);
        return Train(runs, corpus, threads, slot, clock, report, warn, (members, gpus) => EnergyMeters.OfStack(members, slot.Device, slot.Alone, gpus, clock), stop);
    }

    /// <summary>Trains runs that have been looked through, with the engine loaded.</summary>
    /// <param name="runs">Folders without done.json, and what their config.json say.</param>
    /// <param name="corpus">Their tokens.</param>
    /// <param name="threads">Threads an operator may use.</param>
    /// <param name="slot">Where it trains.</param>
    /// <param name="clock">Measures time.</param>
    /// <param name="report">Told how far each run is.</param>
    /// <param name="warn">Told of what went wrong and was mended.</param>
    /// <param name="metersOf">The meters of so many members, from the GPUs that are there, and what to free after the last.</param>
    /// <param name="stop">When cancelled, every run checkpoints.</param>
    internal static ExitCode Train(
        IReadOnlyList<(RunFolder Folder, RunManifest Manifest)> runs, PreparedCorpus corpus, int threads, WorkerSlot slot, TimeProvider clock,
        Action<WorkerMessage>? report, Action<string>? warn, Func<int, IGpuList, (Func<EnergyMeter> New, IDisposable? Sensors)> metersOf, CancellationToken stop)
    {
        OwnerIdentity me = OwnerIdentity.Current(Environment.GetEnvironmentVariable("SLURM_JOB_ID"));
        List<ClaimedRun> claimed = [.. runs.Select(r => (r, r.Folder.TryClaim(me, clock))).Where(r => r.Item2 is not null).Select(r => new ClaimedRun(r.r.Folder, r.r.Manifest, r.Item2!))];
        try
        {
            if (claimed.Count == 0)
                return runs.FirstOrDefault(r => !r.Folder.IsDone).Folder is { } owned ? throw Worker.Owned(owned) : ExitCode.Success;
            IGpuList gpus = NoGpus.Instance;
            foreach (ClaimedRun run in claimed)
                (run.Manifest, gpus) = Worker.Begin(run.Folder, run.Claim, run.Manifest, me, slot, clock, claimed.Count);
            (Func<EnergyMeter> newMeter, IDisposable? sensors) = metersOf(claimed.Count, gpus);
            using IDisposable? freed = sensors;
            using var stack = new StackTrainer([.. claimed.Select(r => r.Manifest.Config)], corpus, device: slot.Device);
            if (stack.Operators.Problem is { } problem)
                warn?.Invoke(problem);
            new StackLoop(stack, claimed, threads, clock, report, warn, newMeter).Run(stop);
            return Outcome(runs, claimed);
        }
        finally
        {
            claimed.ForEach(r => Worker.ReleaseQuietly(r.Claim));
        }
    }

    private static (Core.Models.ModelShape, CorpusConfig, long, KernelChoice, ProductType) What(RunManifest manifest) =>
        (manifest.Config.Model, manifest.Config.Corpus, manifest.Config.Training.BatchTokens, manifest.Config.Training.Kernels, manifest.Config.Training.Dtype);

    private static ExitCode Outcome(IReadOnlyList<(RunFolder Folder, RunManifest Manifest)> runs, List<ClaimedRun> claimed)
    {
        if (claimed.Select(r => r.Error).FirstOrDefault(e => e is not null and not ClaimLostException) is { } error)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        if (claimed.Any(r => r.End == LoopEnd.Checkpointed))
            return ExitCode.Checkpointed;
        return runs.All(r => r.Folder.IsDone) ? ExitCode.Success : ExitCode.RunsFailed;
    }

    private static UserErrorException Unlike(RunFolder folder, RunFolder first) => new(ExitCode.Config, new Diagnostic(
        "SL0392", $"{folder.Id} cannot be stacked with {first.Id}: shape, batch, corpus, kernels or type differ", new SourceLocation(folder.ManifestPath, 0, 0), "train it by itself"));
}
