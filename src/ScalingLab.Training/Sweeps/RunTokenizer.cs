using ScalingLab.Core.Configs;
using ScalingLab.Core.Files;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Sweeps;

/// <summary>The tokenizer of a run, kept once beside the run folders of its sweep so that a model can be used where its corpus is not.</summary>
public static class RunTokenizer
{
    /// <summary>Writes the tokenizer into a sweep's folder, unless it is there; bytes need no file.</summary>
    /// <exception cref="Core.Diagnostics.UserErrorException">The folder cannot be written.</exception>
    public static void Keep(string sweepFolder, ITokenizer tokenizer)
    {
        string path = PathIn(sweepFolder, tokenizer.Sha256);
        if (tokenizer is ByteTokenizer || File.Exists(path))
            return;
        try
        {
            Directory.CreateDirectory(sweepFolder);
        }
        catch (Exception error) when (DiskErrors.Translate(error, sweepFolder) is { } translated)
        {
            throw translated;
        }

        AtomicFile.Write(path, tokenizer.ToJson());
    }

    /// <summary>The tokenizer that a run was trained with.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="manifest">Its config.json.</param>
    /// <param name="cacheFolder">Where prepared corpora are, for runs whose tokenizer was not kept.</param>
    /// <exception cref="Core.Diagnostics.UserErrorException">It was not kept, and the corpus cannot be prepared again or has changed.</exception>
    public static ITokenizer Of(RunFolder folder, RunManifest manifest, string cacheFolder)
    {
        if (manifest.Config.Corpus is { Tokenizer: TokenizerKind.Byte })
            return new ByteTokenizer();
        if (KeptFor(folder, manifest) is { } file && TokenizerJson.Load(file) is { } kept && kept.Sha256 == manifest.TokenizerSha256)
            return kept;
        using PreparedCorpus corpus = TokenCache.Prepare(RunData.CorpusOf(folder, manifest), cacheFolder);
        RunData.Check(folder, manifest, corpus);
        return TokenizerJson.Load(Path.Combine(corpus.Folder, CorpusBuild.TokenizerName)); // the corpus's own goes with it
    }

    /// <summary>The file in which a run's tokenizer was kept, beside the run or in it; null when it was not.</summary>
    public static string? KeptFor(RunFolder folder, RunManifest manifest) => manifest.TokenizerSha256 is { Length: >= 8 } wanted
        ? new[] { folder.Path, Path.GetDirectoryName(Path.GetFullPath(folder.Path))! }.Select(place => PathIn(place, wanted)).FirstOrDefault(File.Exists)
        : null;

    private static string PathIn(string folder, string sha256) => Path.Combine(folder, $"tokenizer-{sha256[..8]}.json");
}
