namespace ScalingLab.Core.Configs;

/// <summary>Which tokenizer a corpus goes through.</summary>
public enum TokenizerKind
{
    /// <summary>One token a byte, vocabulary 256 plus the end-of-document token.</summary>
    Byte,

    /// <summary>Byte-level byte-pair encoding, trained on the corpus's training documents.</summary>
    Bpe,
}

/// <summary>Text, tokenizer and split.</summary>
public sealed record CorpusConfig
{
    /// <summary>Text file (.txt, .txt.gz, .jsonl, .jsonl.gz, .json), relative to the working folder, else to the config file's, else to the program's root.</summary>
    public string Path { get; init; } = "";

    /// <summary>Tokenizer.</summary>
    public TokenizerKind Tokenizer { get; init; } = TokenizerKind.Byte;

    /// <summary>Vocabulary of a BPE tokenizer, end-of-document token included, 512 to 8192; unused with bytes.</summary>
    public int Vocabulary { get; init; } = 1024;

    /// <summary>Number of token ids that the tokenizer will have: known before it is trained.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int TokenizerVocabulary => Tokenizer == TokenizerKind.Byte ? 257 : Vocabulary; // 256 bytes and end-of-document

    /// <summary>Line that ends a document in plain text.</summary>
    public string DocumentSeparator { get; init; } = "<|endoftext|>";

    /// <summary>Share of documents held out for evaluation, above 0 and below 1. Whole documents, never slices.</summary>
    public double HeldOutFraction { get; init; } = 0.05;
}
