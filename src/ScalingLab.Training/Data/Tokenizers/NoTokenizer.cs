using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ScalingLab.Training.Data;

/// <summary>Stands for the tokenizer of a shard that came without one: ids have no text, so there are no bits per byte and no samples.</summary>
public sealed class NoTokenizer : ITokenizer
{
    internal const string ModelType = "none";

    private readonly int[] lengths;
    private readonly byte[] json;

    /// <summary>A vocabulary of so many ids.</summary>
    /// <param name="vocabulary">Number of ids.</param>
    /// <param name="endOfDocument">Id between documents; −1 for none.</param>
    public NoTokenizer(int vocabulary, int endOfDocument)
    {
        lengths = new int[vocabulary];
        EndOfDocument = endOfDocument;
        json = Encoding.UTF8.GetBytes(FormattableString.Invariant($"{{\"version\":\"1.0\",\"model\":{{\"type\":\"{ModelType}\",\"vocabulary\":{vocabulary},\"end_of_document\":{endOfDocument}}}}}\n"));
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(json));
    }

    /// <inheritdoc/>
    public int Vocabulary => lengths.Length;

    /// <inheritdoc/>
    public int EndOfDocument { get; }

    /// <inheritdoc/>
    public ReadOnlySpan<int> BytesPerToken => lengths;

    /// <inheritdoc/>
    public string Sha256 { get; }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always, but for no text.</exception>
    public void Encode(ReadOnlySpan<byte> text, List<int> ids)
    {
        if (text.Length > 0) throw new NotSupportedException("These tokens came without a tokenizer.");
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always, but for no ids and end-of-document.</exception>
    public byte[] Decode(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
            if (id != EndOfDocument) throw new NotSupportedException("These tokens came without a tokenizer.");
        return [];
    }

    /// <inheritdoc/>
    public byte[] ToJson() => [.. json];

    internal static NoTokenizer Read(JsonElement model)
    {
        int vocabulary = model.GetProperty("vocabulary").GetInt32();
        return vocabulary is > 0 and <= 1 << 20 ? new(vocabulary, model.GetProperty("end_of_document").GetInt32()) : throw new FormatException($"a vocabulary of {vocabulary} is none");
    }
}
