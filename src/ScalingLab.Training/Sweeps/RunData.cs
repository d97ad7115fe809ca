using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Sweeps;

/// <summary>Whether a run, its config and a corpus belong together: continued on other data it would be neither the old run nor a new one.</summary>
internal static class RunData
{
    /// <exception cref="UserErrorException">Text, tokens or vocabulary are not those that the run was planned with.</exception>
    public static void Check(RunFolder folder, RunManifest manifest, PreparedCorpus corpus)
    {
        if (manifest.CorpusSha256 is { } text && text != corpus.CorpusSha256)
            throw Other("SL0640", $"the corpus '{manifest.Config.Corpus.Path}' has changed since {folder.Id} was planned: its SHA-256 is {corpus.CorpusSha256}, config.json says {text}", "put the former text back, or give the sweep another name");
        if (manifest.Vocabulary != corpus.Vocabulary)
            throw Other("SL0641", $"{folder.Id} was planned for a vocabulary of {manifest.Vocabulary}; the tokens have {corpus.Vocabulary}", "give the sweep another name");
        if (manifest.TokensSha256 is { } tokens && tokens != corpus.Train.Header.PayloadSha256)
            throw Other("SL0645", $"{folder.Id} was planned with other tokens of the same text: their SHA-256 is {corpus.Train.Header.PayloadSha256}, config.json says {tokens}", "give the sweep another name");
    }

    /// <summary>A run continued under other settings would keep the name of a run that it no longer is.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="manifest">Its config.json.</param>
    /// <param name="planned">The config that its name stands for, where that is known.</param>
    /// <exception cref="UserErrorException">Exit code <see cref="ExitCode.Config"/>: the settings in config.json are not those of its run id.</exception>
    public static void CheckConfig(RunFolder folder, RunManifest manifest, RunConfig? planned = null)
    {
        string id = CanonicalJson.RunId(manifest.Config);
        if (id == manifest.RunId)
            return;
        string what = planned is null ? $"its settings are those of {id}" : string.Join("; ", ConfigDifferences.Of(planned, manifest.Config));
        throw new UserErrorException(ExitCode.Config, new Diagnostic(
            "SL0391", $"the config of {manifest.RunId} was changed after it was planned: {what}", new SourceLocation(folder.ManifestPath, 0, 0), "put the settings back, or remove the run's folder and change the sweep's config instead"));
    }

    /// <summary>Where the sweep found the text, else where the config says: the folder may have moved to another machine.</summary>
    public static CorpusConfig CorpusOf(RunFolder folder, RunManifest manifest)
    {
        CorpusConfig config = manifest.Config.Corpus;
        return config with
        {
            Path = Found(manifest.CorpusFile, config.Path)!,
            HeldOutPath = config.HeldOutPath is null ? null : Found(manifest.HeldOutFile, config.HeldOutPath),
            TokenizerFile = config.TokenizerFile is null ? null : Found(RunTokenizer.KeptFor(folder, manifest), config.TokenizerFile),
        };

        static string? Found(string? found, string? given) => found is not null && File.Exists(found) ? found : given;
    }

    private static UserErrorException Other(string code, string message, string help) => new(ExitCode.CorruptData, new Diagnostic(code, message, null, help));
}
