using System.Text.Json.Serialization;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Configs;

/// <summary>Which tokenizer a corpus goes through.</summary>
public enum TokenizerKind
{
    /// <summary>One token a byte, vocabulary 256 plus the end-of-document token.</summary>
    Byte,

    /// <summary>Byte-level byte-pair encoding, trained on the corpus's training documents or read from a file.</summary>
    Bpe,

    /// <summary>None: the corpus is tokens already, a shard of llm.c or nanoGPT.</summary>
    Tokens,
}

/// <summary>Text, tokenizer and split.</summary>
public sealed record CorpusConfig
{
    private const int LeastTrained = 512, MostTrained = 8192;

    /// <summary>Text file (.txt, .txt.gz, .jsonl, .jsonl.gz, .json) or token shard (.bin), relative to the working folder, else to the config file's, else to the program's root.</summary>
    public string Path { get; init; } = "";

    /// <summary>Tokenizer.</summary>
    public TokenizerKind Tokenizer { get; init; } = TokenizerKind.Byte;

    /// <summary>Number of token ids, end-of-document included: of a BPE tokenizer trained here 512 to 8192, of a file what it has; unused with bytes.</summary>
    public int Vocabulary { get; init; } = 1024;

    /// <summary>A tokenizer made elsewhere: Hugging Face's tokenizer.json, or nanoGPT's meta.pkl; null to train one, or for tokens whose text nobody needs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] // absent from the hash of a config without it, as it was before there was such a key
    public string? TokenizerFile { get; init; }

    /// <summary>Token shard held out for evaluation; null to hold out documents of <see cref="Path"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? HeldOutPath { get; init; }

    /// <summary>Id between the documents of a token shard; null for that of its format, and for none in a file without header.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? EndOfDocument { get; init; }

    /// <summary>Number of token ids that the tokenizer will have: known before it is trained.</summary>
    [JsonIgnore]
    public int TokenizerVocabulary => Tokenizer == TokenizerKind.Byte ? 257 : Vocabulary; // 256 bytes and end-of-document

    /// <summary>Line that ends a document in plain text.</summary>
    public string DocumentSeparator { get; init; } = "<|endoftext|>";

    /// <summary>Share of documents held out for evaluation, above 0 and below 1. Whole documents, never slices.</summary>
    public double HeldOutFraction { get; init; } = 0.05;

    /// <summary>What is wrong with the members taken together.</summary>
    public IEnumerable<Problem> Problems()
    {
        if (Path.Length == 0)
            yield return new Problem("path", "path is missing: the text to train on");
        if (Tokenizer == TokenizerKind.Bpe && TokenizerFile is null && Vocabulary is < LeastTrained or > MostTrained)
            yield return new Problem("vocabulary", $"vocabulary is {Vocabulary}; a BPE tokenizer is trained with {LeastTrained} to {MostTrained}", "to use one made elsewhere, name its tokenizer.json: tokenizer_file");
        if (Tokenizer == TokenizerKind.Byte && TokenizerFile is not null)
            yield return new Problem("tokenizer_file", "tokenizer_file is given, and tokenizer is byte", "tokenizer: bpe for text, tokenizer: tokens for a token shard");
        if (Tokenizer != TokenizerKind.Tokens && HeldOutPath is not null)
            yield return new Problem("held_out_path", "held_out_path is for tokenizer: tokens", "of text, whole documents are held out: held_out_fraction");
        if (Tokenizer != TokenizerKind.Tokens && EndOfDocument is not null)
            yield return new Problem("end_of_document", "end_of_document is for tokenizer: tokens", "of text, document_separator ends a document");
        if (EndOfDocument >= Vocabulary)
            yield return new Problem("end_of_document", $"end_of_document {EndOfDocument} is not below the vocabulary of {Vocabulary}", "raise vocabulary");
    }
}
