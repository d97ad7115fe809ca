using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Benchmarks;

/// <summary>A tokenizer of any vocabulary whose text is the ids themselves, four little-endian bytes each.</summary>
internal sealed class NumberedTokens(int vocabulary) : ITokenizer
{
    private readonly int[] lengths = [.. Enumerable.Repeat(sizeof(int), vocabulary - 1), 0];

    public int Vocabulary => vocabulary;

    public int EndOfDocument => vocabulary - 1;

    public ReadOnlySpan<int> BytesPerToken => lengths;

    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(ToJson()));

    public void Encode(ReadOnlySpan<byte> text, List<int> ids)
    {
        for (; text.Length >= sizeof(int); text = text[sizeof(int)..])
            ids.Add(BinaryPrimitives.ReadInt32LittleEndian(text));
    }

    public byte[] Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new byte[ids.Length * sizeof(int)];
        for (int i = 0; i < ids.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), ids[i]);
        return bytes;
    }

    public byte[] ToJson() => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"numbered_tokens\":{vocabulary}}}"));
}
