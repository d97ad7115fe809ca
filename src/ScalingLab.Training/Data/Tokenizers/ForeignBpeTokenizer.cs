using System.Security.Cryptography;

namespace ScalingLab.Training.Data;

/// <summary>Byte-level BPE that another program made: the pieces of <see cref="PreTokenizer"/>, ids as its file has them.</summary>
/// <remarks>
/// 1. Within, byte b is id b and the result of merge r is id 256 + r, so that the encoder's lowest id is the lowest rank.
/// 2. Two merges may spell one token ("ab" + "c", "a" + "bc"): both ids stand for the first of them once merged.
/// 3. At the edge each id is replaced by the file's own.
/// </remarks>
public sealed class ForeignBpeTokenizer : ITokenizer, IDisposable
{
    private readonly int[] idOf; // by id within
    private readonly byte[][] bytes; // by the file's id; empty for special tokens
    private readonly int[] lengths;
    private readonly ThreadLocal<BpeEncoder> encoder;
    private readonly byte[] json;

    /// <summary>A tokenizer of a vocabulary and merges as a tokenizer.json spells them.</summary>
    /// <param name="vocabulary">Ids by spelling.</param>
    /// <param name="merges">Pairs of spellings in order of rank.</param>
    /// <param name="specials">Tokens that text never becomes.</param>
    /// <param name="endName">The one of them that ends a document.</param>
    /// <param name="json">The file.</param>
    /// <exception cref="FormatException">The vocabulary lacks a byte or the result of a merge, or has one id twice.</exception>
    internal ForeignBpeTokenizer(IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<(string Left, string Right)> merges, IReadOnlyDictionary<string, int> specials, string endName, byte[] json)
    {
        HashSet<int> special = [.. specials.Values];
        this.json = json;
        EndName = endName;
        EndOfDocument = specials[endName];
        Vocabulary = Math.Max(vocabulary.Values.Max(), special.Max()) + 1;
        bytes = BytesOf(vocabulary, special, Vocabulary);
        lengths = [.. bytes.Select(b => b.Length)];

        string[] spelt = [.. ByteLevelVocabulary.SingleBytes.Select(b => ByteLevelVocabulary.Spell(b)), .. merges.Select(m => m.Left + m.Right)];
        idOf = [.. spelt.Select(s => vocabulary.TryGetValue(s, out int id) ? id : throw new FormatException($"the vocabulary has no '{s}'"))];
        var first = new Dictionary<string, int>();
        for (int i = 0; i < spelt.Length; i++)
            first.TryAdd(spelt[i], i);
        var merged = new Dictionary<ulong, int>(merges.Count);
        for (int rank = 0; rank < merges.Count; rank++)
            if (first.TryGetValue(merges[rank].Left, out int left) && first.TryGetValue(merges[rank].Right, out int right)) // else no text has the pair
                merged[BpeMerge.KeyOf(left, right)] = 256 + rank;
        int[]? standsFor = first.Count == spelt.Length ? null : [.. spelt.Select(s => first[s])];
        var table = new MergeTable(merged, standsFor);
        encoder = new(() => new BpeEncoder(table));
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(json));
    }

    /// <summary>How the end-of-document token is spelt.</summary>
    public string EndName { get; }

    /// <inheritdoc/>
    public int Vocabulary { get; }

    /// <inheritdoc/>
    public int EndOfDocument { get; }

    /// <inheritdoc/>
    public ReadOnlySpan<int> BytesPerToken => lengths;

    /// <inheritdoc/>
    public string Sha256 { get; }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<byte> text, List<int> ids)
    {
        int start = ids.Count;
        encoder.Value!.Encode(text, ids);
        for (int i = start; i < ids.Count; i++) ids[i] = idOf[ids[i]];
    }

    /// <inheritdoc/>
    public byte[] Decode(ReadOnlySpan<int> ids)
    {
        using var text = new MemoryStream();
        foreach (int id in ids)
        {
            if (id < 0 || id >= Vocabulary) throw new ArgumentOutOfRangeException(nameof(ids), id, $"The vocabulary is {Vocabulary}.");
            text.Write(bytes[id]);
        }
        return text.ToArray();
    }

    /// <inheritdoc/>
    public byte[] ToJson() => [.. json];

    /// <summary>Frees the encoders' caches.</summary>
    public void Dispose() => encoder.Dispose();

    private static byte[][] BytesOf(IReadOnlyDictionary<string, int> vocabulary, IReadOnlySet<int> special, int count)
    {
        var bytes = new byte[count][];
        foreach ((string spelling, int id) in vocabulary)
        {
            if (bytes[id] is not null) throw new FormatException($"the id {id} comes twice");
            bytes[id] = special.Contains(id) ? [] : ByteLevelVocabulary.Read(spelling) ?? throw new FormatException($"'{spelling}' is not spelt in the byte-level alphabet");
        }
        for (int id = 0; id < count; id++) bytes[id] ??= []; // ids that no token has
        return bytes;
    }
}
