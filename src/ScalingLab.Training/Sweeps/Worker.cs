using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Sweeps;

/// <summary>The body of a worker process: owns one run from claim to checkpoint or end.</summary>
public static class Worker
{
    /// <summary>Trains the run of a folder.</summary>
    /// <param name="folder">Folder with <c>config.json</c>.</param>
    /// <param name="cacheFolder">Where token files are kept.</param>
    /// <param name="threads">Threads an operator may use.</param>
    /// <param name="clock">Measures time.</param>
    /// <param name="report">Told how far the run is.</param>
    /// <param name="stop">When cancelled, checkpoints and returns.</param>
    /// <returns>Success when done.json is there, Checkpointed when stopped, RunsFailed when another process owns the run.</returns>
    /// <exception cref="UserErrorException">Config, data or disk cannot be used.</exception>
    public static ExitCode Run(RunFolder folder, string cacheFolder, int threads, TimeProvider clock, Action<WorkerMessage>? report, CancellationToken stop)
    {
        RunManifest manifest = folder.ReadManifest() ?? throw NoManifest(folder);
        if (folder.IsDone)
            return ExitCode.Success;
        using PreparedCorpus corpus = TokenCache.Prepare(manifest.Config.Corpus, cacheFolder);
        CheckCorpus(folder, manifest, corpus);
        OwnerIdentity me = OwnerIdentity.Current(Environment.GetEnvironmentVariable("SLURM_JOB_ID"));
        if (folder.TryClaim(me, clock) is not { } claim)
            return folder.IsDone ? ExitCode.Success : throw Owned(folder);
        try
        {
            ProviderCapabilities.Initialise(threads);
            manifest = manifest with
            {
                Device = "cpu",
                Libtorch = ProviderCapabilities.LibTorchVersion,
                Attempts = [.. manifest.Attempts, new AttemptStart(claim.Attempt, clock.GetUtcNow(), me.Host, "cpu", ProviderCapabilities.LibTorchVersion)],
            };
            claim.Check();
            folder.WriteManifest(manifest);
            using var trainer = new Trainer(manifest.Config, corpus);
            var loop = new TrainingLoop(folder, claim, manifest, trainer, clock, report);
            LoopEnd end = loop.Run(stop);
            foreach (string rejected in loop.RejectedCheckpoints)
                Console.Error.WriteLine($"warning: {folder.Id}: passed over {rejected}");
            return end == LoopEnd.Done ? ExitCode.Success : ExitCode.Checkpointed;
        }
        finally
        {
            claim.Release();
        }
    }

    // A run continued on other data would be neither the old run nor a new one.
    private static void CheckCorpus(RunFolder folder, RunManifest manifest, PreparedCorpus corpus)
    {
        if (manifest.CorpusSha256 is { } expected && expected != corpus.CorpusSha256)
        {
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic(
                "SL0640",
                $"the corpus '{manifest.Config.Corpus.Path}' has changed since {folder.Id} began: its SHA-256 is {corpus.CorpusSha256}, config.json says {expected}",
                null,
                "put the former text back, or train under another sweep name"));
        }

        if (manifest.Vocabulary != corpus.Vocabulary)
        {
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic(
                "SL0641", $"{folder.Id} was planned for a vocabulary of {manifest.Vocabulary}; the tokens have {corpus.Vocabulary}", null, "start the sweep again from its config"));
        }
    }

    private static UserErrorException NoManifest(RunFolder folder) => new(ExitCode.CorruptData, new Diagnostic(
        "SL0642", $"'{folder.Path}' has no config.json: it is no run folder", null, "name a folder below runs/<sweep>/"));

    private static UserErrorException Owned(RunFolder folder) => new(ExitCode.RunsFailed, new Diagnostic(
        "SL0643",
        folder.LatestClaim() is { } owner ? $"{folder.Id} is being trained by process {owner.Pid} on {owner.Host}" : $"{folder.Id} is being claimed by another process",
        null,
        "wait for it, or end it first"));
}
