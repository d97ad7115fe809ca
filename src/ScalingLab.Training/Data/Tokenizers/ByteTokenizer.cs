using System.Security.Cryptography;

namespace ScalingLab.Training.Data;

/// <summary>One token a byte: id = byte, 256 ends a document, so the vocabulary is 257.</summary>
public sealed class ByteTokenizer : ITokenizer
{
    private static readonly int[] Lengths = [.. Enumerable.Repeat(1, 256), 0];
    private static readonly byte[] Json = TokenizerJson.Write(ByteLevelVocabulary.SingleBytes, [], splitsWords: false);

    /// <inheritdoc/>
    public int Vocabulary => 257;

    /// <inheritdoc/>
    public int EndOfDocument => 256;

    /// <inheritdoc/>
    public ReadOnlySpan<int> BytesPerToken => Lengths;

    /// <inheritdoc/>
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Json));

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<byte> text, List<int> ids)
    {
        ids.EnsureCapacity(ids.Count + text.Length);
        foreach (byte b in text) ids.Add(b);
    }

    /// <inheritdoc/>
    public byte[] Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new List<byte>(ids.Length);
        foreach (int id in ids)
        {
            if (id is < 0 or > 256) throw new ArgumentOutOfRangeException(nameof(ids), id, "A byte token is 0 to 256.");
            if (id != EndOfDocument) bytes.Add((byte)id);
        }
        return [.. bytes];
    }

    /// <inheritdoc/>
    public byte[] ToJson() => [.. Json];
}
