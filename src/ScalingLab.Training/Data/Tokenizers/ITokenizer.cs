namespace ScalingLab.Training.Data;

/// <summary>Text to token ids and back, exactly, for any bytes. Safe for use by several threads at once.</summary>
public interface ITokenizer
{
    /// <summary>Number of ids, end-of-document included: ids are 0 to below this.</summary>
    int Vocabulary { get; }

    /// <summary>Id that ends each document in token files; −1 where none does. Encoding text never gives it, whatever the text says.</summary>
    int EndOfDocument { get; }

    /// <summary>Bytes of text that each id stands for; 0 for end-of-document.</summary>
    ReadOnlySpan<int> BytesPerToken { get; }

    /// <summary>SHA-256 of <see cref="ToJson"/>, lower-case hexadecimal: equal tokenizers, equal hashes.</summary>
    string Sha256 { get; }

    /// <summary>Appends the ids of a document's text; end-of-document is left to the caller.</summary>
    void Encode(ReadOnlySpan<byte> text, List<int> ids);

    /// <summary>The bytes that ids stand for; end-of-document gives none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    byte[] Decode(ReadOnlySpan<int> ids);

    /// <summary>The tokenizer as a Hugging Face <c>tokenizer.json</c>, the same bytes on every machine.</summary>
    byte[] ToJson();
}
