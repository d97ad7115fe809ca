using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Checkpoints;

namespace ScalingLab.Cli;

/// <summary>The one run that a command is about, with the newest weights it has.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Manifest">Its config.json.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Weights">Weights of its newest good checkpoint.</param>
internal sealed record OneRun(RunFolder Folder, RunManifest Manifest, RunState State, SavedWeights Weights)
{
    /// <summary>Finds the run at or below a folder and reads its weights; tells stderr what should be known of them.</summary>
    /// <exception cref="UserErrorException">There is none, more than one, or it has no weights that can be read.</exception>
    public static OneRun Load(string path)
    {
        IReadOnlyList<FoundRun> found = RunsDirectory.Enumerate(path);
        if (found.Count != 1)
            throw Usage(
                found.Count == 0 ? "SL0104" : "SL0180",
                found.Count == 0 ? $"there is no run in '{path}'" : $"'{path}' holds {found.Count} runs; this takes one",
                found.Count == 0 ? "a run is a folder with a config.json; 'scalinglab sweep CONFIG' makes them" : $"name one, e.g. {found[0].Folder.Path}; 'scalinglab status {path}' lists them");
        FoundRun run = found[0];
        RunManifest manifest = run.Folder.ReadManifest() ?? throw Usage("SL0104", $"'{run.Folder.Path}' has no config.json", "restore it: without it nobody knows what the weights are of");
        SavedWeights? weights = new CheckpointStore(run.Folder).ReadWeights(out IReadOnlyList<string> rejected);
        foreach (string reason in rejected)
            Console.Error.WriteLine($"warning: {run.Folder.Id}: passed over {reason}");
        if (weights is null)
            throw new UserErrorException(
                rejected.Count > 0 ? ExitCode.CorruptData : ExitCode.Usage,
                new Diagnostic("SL0181", $"{run.Folder.Id} ({Word(run.State)}) has no weights {(rejected.Count > 0 ? "that can be read" : "yet: no checkpoint")}", null, run.State == RunState.Diverged ? "it diverged before its first checkpoint" : $"scalinglab resume {run.Folder.Path}"));
        if (run.State != RunState.Finished)
            Console.Error.WriteLine(FormattableString.Invariant($"warning: {run.Folder.Id} is {Word(run.State)}: these are its weights after {weights.State.Tokens:N0} of {manifest.Config.Training.Tokens:N0} tokens"));
        return new OneRun(run.Folder, manifest, run.State, weights);
    }

    private static string Word(RunState state) => state.ToString().ToLowerInvariant();

    private static UserErrorException Usage(string code, string message, string help) => new(ExitCode.Usage, new Diagnostic(code, message, null, help));
}
