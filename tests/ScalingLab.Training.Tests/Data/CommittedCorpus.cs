using ScalingLab.Core.Configs;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Tests.Data;

/// <summary>The corpus under data/, with what its README says of it.</summary>
internal static class CommittedCorpus
{
    public const string Sha256 = "58776cf381cb2ba61ff684a606a323cd81b87e5be4ff98cf5e7399f55d1d52b1";
    public const long FileBytes = 10_764_908;
    public const int Documents = 233;

    public static string Path { get; } = CorpusLocation.Resolve("data/corpora/state-of-the-union/state-of-the-union.txt.gz");

    public static CorpusConfig Bytes { get; } = new() { Path = Path };

    public static CorpusConfig Bpe1024 { get; } = new() { Path = Path, Tokenizer = TokenizerKind.Bpe, Vocabulary = 1024 };
}
