using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>Makes tokenizer.json, train.bin and heldout.bin of token shards: documents in order, each closed by end-of-document.</summary>
internal static class ShardBuild
{
    /// <summary>Fills an empty folder.</summary>
    /// <exception cref="UserErrorException">An id is not in the vocabulary, or nothing can be held out.</exception>
    public static void Into(string folder, CorpusConfig config, ShardFacts shards)
    {
        int? between = config.EndOfDocument ?? shards.Training.EndOfDocument;
        ITokenizer tokenizer = config.TokenizerFile is { } file ? CorpusBuild.Made(file, config) : new NoTokenizer(config.Vocabulary, between < config.Vocabulary ? between.Value : -1);
        using (tokenizer as IDisposable)
        {
            between ??= tokenizer.EndOfDocument >= 0 ? tokenizer.EndOfDocument : null;
            int? closing = tokenizer.EndOfDocument >= 0 ? tokenizer.EndOfDocument : between; // Llama 3's shards open documents by another id than its tokenizer ends them with
            CorpusBuild.WriteThrough(Path.Combine(folder, CorpusBuild.TokenizerName), tokenizer.ToJson());
            using var train = new TokenFileWriter(Path.Combine(folder, CorpusBuild.TrainName), tokenizer, shards.Sha256);
            using var held = new TokenFileWriter(Path.Combine(folder, CorpusBuild.HeldOutName), tokenizer, shards.Sha256);
            if (shards.HeldOut is { } other)
            {
                Copy(shards.Training, config.Vocabulary, between, closing, train);
                Copy(other, config.Vocabulary, between, closing, held);
            }
            else
            {
                Split(shards.Training, config, between, closing, train, held);
            }

            train.Publish();
            held.Publish();
        }
    }

    private static void Copy(TokenShard shard, int vocabulary, int? between, int? closing, TokenFileWriter to)
    {
        if (between is { } end)
        {
            foreach (ReadOnlyMemory<int> document in ShardDocuments.Read(shard, vocabulary, end)) to.Add(document.Span, closing);
            return;
        }

        foreach (ReadOnlyMemory<int> piece in shard.Read(vocabulary)) to.Add(piece.Span, end: null);
    }

    private static void Split(TokenShard shard, CorpusConfig config, int? between, int? closing, TokenFileWriter train, TokenFileWriter held)
    {
        const string help = "name the shard to evaluate on, e.g. corpus.held_out_path: val.bin, or the id between documents: corpus.end_of_document";
        if (between is not { } end)
            throw DataError.In(shard.Path, "SL0656", "nothing says where a document of this shard ends, so none can be held out", help);
        List<byte[]> hashes = ShardDocuments.Hashes(shard, config.Vocabulary, end);
        if (hashes.Count < 2)
            throw DataError.In(shard.Path, "SL0656", $"the shard has {hashes.Count} {(hashes.Count == 1 ? "document" : "documents")} between ids {end}, and evaluation needs another that is held out", help);
        bool[] heldOut = HeldOutSplit.HeldOut(hashes, config.HeldOutFraction);
        int i = 0;
        foreach (ReadOnlyMemory<int> document in ShardDocuments.Read(shard, config.Vocabulary, end))
            (heldOut[i++] ? held : train).Add(document.Span, closing);
    }
}
