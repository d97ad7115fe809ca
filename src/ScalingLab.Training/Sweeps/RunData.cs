using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Sweeps;

/// <summary>Whether a run and a corpus belong together: a run continued on other data would be neither the old run nor a new one.</summary>
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

    private static UserErrorException Other(string code, string message, string help) => new(ExitCode.CorruptData, new Diagnostic(code, message, null, help));
}
