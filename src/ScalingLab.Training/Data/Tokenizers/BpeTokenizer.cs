using System.Security.Cryptography;

namespace ScalingLab.Training.Data;

/// <summary>Byte-level byte-pair encoding with the pieces of <see cref="PreTokenizer"/>: ids 0 to 255 are bytes, then one id a merge, end-of-document last.</summary>
public sealed class BpeTokenizer : ITokenizer, IDisposable
{
    private readonly byte[][] _tokens;
    private readonly int[] _lengths;
    private readonly Dictionary<ulong, int> _mergedIds;
    private readonly ThreadLocal<BpeEncoder> _encoder;
    private readonly byte[] _json;

    /// <summary>A tokenizer of merges in order of rank; the result of merge i is id 256 + i.</summary>
    /// <exception cref="ArgumentException">A merge uses an id that is not there yet, or spells an earlier token.</exception>
    public BpeTokenizer(IReadOnlyList<BpeMerge> merges)
    {
        Merges = [.. merges];
        var spellings = new BpeSpellings();
        _mergedIds = new Dictionary<ulong, int>(merges.Count);
        foreach (BpeMerge merge in merges)
        {
            if (!spellings.TryAdd(merge))
                throw new ArgumentException($"merge {_mergedIds.Count} of ids {merge.Left} and {merge.Right} uses an id that is not there yet, spells an earlier token, or is longer than {BpeSpellings.LongestToken} bytes", nameof(merges));
            _mergedIds.Add(merge.Key, 256 + _mergedIds.Count);
        }
        _tokens = [.. spellings.Tokens];
        _lengths = [.. _tokens.Select(t => t.Length), 0];
        _encoder = new(() => new BpeEncoder(_mergedIds));
        _json = TokenizerJson.Write(_tokens, merges, splitsWords: true);
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(_json));
    }

    /// <summary>Merges in order of rank.</summary>
    public IReadOnlyList<BpeMerge> Merges { get; }

    /// <inheritdoc/>
    public int Vocabulary => _tokens.Length + 1;

    /// <inheritdoc/>
    public int EndOfDocument => _tokens.Length;

    /// <inheritdoc/>
    public ReadOnlySpan<int> BytesPerToken => _lengths;

    /// <inheritdoc/>
    public string Sha256 { get; }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<byte> text, List<int> ids) => _encoder.Value!.Encode(text, ids);

    /// <inheritdoc/>
    public byte[] Decode(ReadOnlySpan<int> ids)
    {
        int length = 0;
        foreach (int id in ids)
        {
            if (id < 0 || id >= Vocabulary) throw new ArgumentOutOfRangeException(nameof(ids), id, $"The vocabulary is {Vocabulary}.");
            length += _lengths[id];
        }
        byte[] bytes = new byte[length];
        int at = 0;
        foreach (int id in ids)
        {
            if (id == EndOfDocument) continue;
            _tokens[id].CopyTo(bytes, at);
            at += _lengths[id];
        }
        return bytes;
    }

    /// <inheritdoc/>
    public byte[] ToJson() => [.. _json];

    /// <summary>Frees the encoders' caches.</summary>
    public void Dispose() => _encoder.Dispose();
}
