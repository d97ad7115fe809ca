namespace ScalingLab.Training.Data;

/// <summary>A corpus as tokens, split and ready to train on. Disposing it unmaps the files.</summary>
public sealed class PreparedCorpus : IDisposable
{
    internal PreparedCorpus(string folder, ITokenizer tokenizer, TokenFile train, TokenFile heldOut)
    {
        Folder = folder;
        Tokenizer = tokenizer;
        Train = train;
        HeldOut = heldOut;
    }

    /// <summary>Folder of train.bin, heldout.bin and tokenizer.json.</summary>
    public string Folder { get; }

    /// <summary>Tokens of the training documents, in the corpus's order.</summary>
    public TokenFile Train { get; }

    /// <summary>Tokens of the held-out documents, in the corpus's order.</summary>
    public TokenFile HeldOut { get; }

    /// <summary>The tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>SHA-256 of the decompressed corpus file, hexadecimal.</summary>
    public string CorpusSha256 => Train.Header.CorpusSha256;

    /// <summary>SHA-256 that tells this text, split and tokenization from any other.</summary>
    public string DataSha256 => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
        System.Text.Encoding.ASCII.GetBytes($"{Train.Header.PayloadSha256} {HeldOut.Header.PayloadSha256} {Tokenizer.Sha256}")));

    /// <summary>Number of ids, end-of-document included.</summary>
    public int Vocabulary => Tokenizer.Vocabulary;

    /// <summary>Training tokens.</summary>
    public long TrainTokens => Train.Count;

    /// <summary>Held-out tokens.</summary>
    public long HeldOutTokens => HeldOut.Count;

    /// <summary>Bytes of training text.</summary>
    public long TrainBytes => Train.Header.TextBytes;

    /// <summary>Bytes of held-out text.</summary>
    public long HeldOutBytes => HeldOut.Header.TextBytes;

    /// <summary>Training documents.</summary>
    public long TrainDocuments => Train.Header.Documents;

    /// <summary>Held-out documents.</summary>
    public long HeldOutDocuments => HeldOut.Header.Documents;

    /// <summary>Compares all tokens with their checksums, reading both files once.</summary>
    /// <exception cref="Core.Diagnostics.UserErrorException">They have changed.</exception>
    public void Verify()
    {
        Train.Verify();
        HeldOut.Verify();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Train.Dispose();
        HeldOut.Dispose();
        (Tokenizer as IDisposable)?.Dispose();
    }
}
