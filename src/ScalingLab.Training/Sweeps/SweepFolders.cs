using ScalingLab.Core.Configs;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Sweeps;

/// <summary>Lays a planned sweep out on disk: a folder with config.json for every run.</summary>
public static class SweepFolders
{
    /// <summary>Makes the folders that are missing and says which runs are still to be trained.</summary>
    /// <param name="sweepFolder">runs/&lt;sweep&gt;.</param>
    /// <param name="config">The sweep.</param>
    /// <param name="plan">Its runs.</param>
    /// <param name="corpus">Its tokens.</param>
    /// <param name="located">Its corpus, with the paths where its files were found.</param>
    /// <param name="program">Version of the program.</param>
    /// <param name="commit">Commit of its source.</param>
    /// <exception cref="Core.Diagnostics.UserErrorException">A folder cannot be written, or its run was planned with other data.</exception>
    /// <returns>The unfinished runs; finished ones are left alone, so a sweep can be started again at any time.</returns>
    public static IReadOnlyList<SweepTask> Prepare(string sweepFolder, SweepConfig config, SweepPlan plan, PreparedCorpus corpus, CorpusConfig located, string? program, string? commit)
    {
        var tasks = new List<SweepTask>();
        RunTokenizer.Keep(sweepFolder, corpus.Tokenizer);
        foreach (PlannedRun run in plan.Runs)
        {
            var folder = new RunFolder(Path.Combine(sweepFolder, run.Id));
            RunManifest? existing = folder.ReadManifest();
            if (existing is not null)
            {
                RunData.CheckConfig(folder, existing, run.Config);
                RunData.Check(folder, existing, corpus);
            }

            if (folder.IsDone)
                continue;
            RunManifest manifest = (existing ?? new RunManifest
            {
                RunId = run.Id,
                Sweep = config.Name,
                Config = run.Config,
                Vocabulary = run.Vocabulary,
                Program = program,
                Commit = commit,
                CorpusSha256 = corpus.CorpusSha256,
                TokensSha256 = corpus.Train.Header.PayloadSha256,
                TokenizerSha256 = corpus.Tokenizer.Sha256,
                CorpusTokens = corpus.Train.Count,
            }) with { Logging = config.Logging, CorpusFile = located.Path, HeldOutFile = located.HeldOutPath };
            if (manifest != existing && !folder.HasLivingOwner(OwnerIdentity.Current(), TimeProvider.System)) // a living owner writes it itself
                folder.WriteManifest(manifest);
            tasks.Add(Task(folder, manifest));
        }

        return tasks;
    }

    /// <summary>The task of a run folder.</summary>
    public static SweepTask Task(RunFolder folder, RunManifest manifest)
    {
        var run = new PlannedRun(manifest.RunId, manifest.Config, manifest.Vocabulary);
        return new SweepTask(manifest.RunId, folder.Path, $"d{manifest.Config.Model.Width} L{manifest.Config.Model.Layers}", run.Flops, run.Tokens);
    }
}
