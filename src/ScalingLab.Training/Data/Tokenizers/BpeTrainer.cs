using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>Learns the merges of a byte-level BPE tokenizer from documents.</summary>
/// <remarks>
/// Sennrich et al. 2016, arXiv:1508.07909, Algorithm 1, over bytes within the pieces of <see cref="PreTokenizer"/>:
/// 1. count each distinct piece; 2. count its neighbouring pairs, times that; 3. merge the commonest pair, of equal counts the one of
/// lowest left, then lowest right id; 4. change only the counts about the places where it stood; repeat from 3.
/// Two pairs can spell one token ("ab" + "c", "a" + "bc"); only the first becomes a merge, so that ids and spellings stay one to one.
/// The order of documents, threads and hash tables plays no part, so the same text gives the same merges everywhere.
/// </remarks>
public sealed class BpeTrainer
{
    private readonly PieceTable<long> pieces = new();

    /// <summary>Takes in a document.</summary>
    public void Add(ReadOnlySpan<byte> document)
    {
        foreach (ReadOnlySpan<byte> piece in new PreTokenizer(document)) pieces.Slot(piece)++;
    }

    /// <summary>The tokenizer of a vocabulary: 256 bytes, merges, end-of-document last.</summary>
    /// <param name="vocabulary">257 or more.</param>
    /// <param name="corpusName">Named in the error.</param>
    /// <exception cref="UserErrorException">The text has too few different pairs for so large a vocabulary.</exception>
    public BpeTokenizer Train(int vocabulary, string corpusName)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 257);
        var pairs = new BpePairCounts();
        for (int i = 0; i < pieces.Count; i++) pairs.Add(pieces.Key(i), pieces.Value(i));
        var merges = new List<BpeMerge>(vocabulary - 257);
        var spellings = new BpeSpellings();
        while (merges.Count < vocabulary - 257)
        {
            if (pairs.Commonest() is not { } commonest)
                throw DataError.In(corpusName, "SL0657", $"the training text allows only {merges.Count} merges, too few for a vocabulary of {vocabulary}",
                    $"set corpus.vocabulary to at most {merges.Count + 257}, take bytes (corpus.tokenizer: byte), or give more text");
            if (!spellings.TryAdd(commonest))
            {
                pairs.Forbid(commonest);
                continue;
            }
            pairs.Merge(commonest, 256 + merges.Count);
            merges.Add(commonest);
        }
        return new BpeTokenizer(merges);
    }
}
