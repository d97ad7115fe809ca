using System.Security.Cryptography;

namespace ScalingLab.Training.Data;

/// <summary>Byte-level byte-pair encoding with the pieces of <see cref="PreTokenizer"/>: ids 0 to 255 are bytes, then one id a merge, end-of-document last.</summary>
public sealed class BpeTokenizer : ITokenizer, IDisposable
{
    private readonly byte[][] tokens;
    private readonly int[] lengths;
    private readonly ThreadLocal<BpeEncoder> encoder;
    private readonly byte[] json;

    /// <summary>A tokenizer of merges in order of rank; the result of merge i is id 256 + i.</summary>
    /// <exception cref="ArgumentException">A merge uses an id that is not there yet, or spells an earlier token.</exception>
    public BpeTokenizer(IReadOnlyList<BpeMerge> merges)
    {
        Merges = [.. merges];
        var spellings = new BpeSpellings();
        for (int i = 0; i < merges.Count; i++)
        {
            BpeMerge merge = merges[i];
            if (!spellings.TryAdd(merge))
                throw new ArgumentException($"merge {i} of ids {merge.Left} and {merge.Right} uses an id that is not there yet, spells an earlier token, or is longer than {BpeSpellings.LongestToken} bytes", nameof(merges));
        }
        tokens = [.. spellings.Tokens];
        lengths = [.. tokens.Select(t => t.Length), 0];
        var table = new MergeTable(Merges);
        encoder = new(() => new BpeEncoder(table));
        json = TokenizerJson.Write(tokens, merges, splitsWords: true);
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(json));
    }

    /// <summary>Merges in order of rank.</summary>
    public IReadOnlyList<BpeMerge> Merges { get; }

    /// <inheritdoc/>
    public int Vocabulary => tokens.Length + 1;

    /// <inheritdoc/>
    public int EndOfDocument => tokens.Length;

    /// <inheritdoc/>
    public ReadOnlySpan<int> BytesPerToken => lengths;

    /// <inheritdoc/>
    public string Sha256 { get; }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<byte> text, List<int> ids) => encoder.Value!.Encode(text, ids);

    /// <inheritdoc/>
    public byte[] Decode(ReadOnlySpan<int> ids)
    {
        int length = 0;
        foreach (int id in ids)
        {
            if (id < 0 || id >= Vocabulary) throw new ArgumentOutOfRangeException(nameof(ids), id, $"The vocabulary is {Vocabulary}.");
            length += lengths[id];
        }
        byte[] bytes = new byte[length];
        int at = 0;
        foreach (int id in ids)
        {
            if (id == EndOfDocument) continue;
            tokens[id].CopyTo(bytes, at);
            at += lengths[id];
        }
        return bytes;
    }

    /// <inheritdoc/>
    public byte[] ToJson() => [.. json];

    /// <summary>Frees the encoders' caches.</summary>
    public void Dispose() => encoder.Dispose();
}
