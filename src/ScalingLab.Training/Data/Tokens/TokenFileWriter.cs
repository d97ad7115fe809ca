using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ScalingLab.Training.Data;

/// <summary>Writes a token file: under a temporary name, flushed to the disk, then renamed, so the name never stands for half a file.</summary>
public sealed class TokenFileWriter : IDisposable
{
    private readonly string path, temporary;
    private readonly FileStream file;
    private readonly ITokenizer tokenizer;
    private readonly string corpusSha256;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<int> ids = [];
    private readonly int width;
    private byte[] buffer = [];
    private long tokens, textBytes, documents;
    private bool published;

    /// <summary>Begins a file; nothing has the name until <see cref="Publish"/>.</summary>
    /// <param name="path">Where the file shall be; its folder exists.</param>
    /// <param name="tokenizer">Gives ids, vocabulary and hash.</param>
    /// <param name="corpusSha256">SHA-256 of the corpus's text, hexadecimal.</param>
    public TokenFileWriter(string path, ITokenizer tokenizer, string corpusSha256)
    {
        this.path = path;
        this.tokenizer = tokenizer;
        this.corpusSha256 = corpusSha256;
        width = TokenFileHeader.WidthFor(tokenizer.Vocabulary);
        temporary = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():n}.tmp";
        file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        file.Write(new byte[TokenFileHeader.Bytes]);
    }

    /// <summary>Appends a document's tokens and end-of-document.</summary>
    public void Add(ReadOnlySpan<byte> document)
    {
        ids.Clear();
        tokenizer.Encode(document, ids);
        ids.Add(tokenizer.EndOfDocument);
        Write(document.Length);
        documents++;
    }

    /// <summary>Appends tokens that need no encoding.</summary>
    /// <param name="tokensOfText">Ids below the vocabulary.</param>
    /// <param name="end">Id to put after them, which makes them a document; null for a piece of one.</param>
    public void Add(ReadOnlySpan<int> tokensOfText, int? end)
    {
        ids.Clear();
        ids.AddRange(tokensOfText);
        long bytes = 0;
        foreach (int id in tokensOfText) bytes += tokenizer.BytesPerToken[id];
        if (end is { } closing) ids.Add(closing);
        Write(bytes);
        if (end is not null) documents++;
    }

    private void Write(long bytesOfText)
    {
        int length = ids.Count * width;
        if (buffer.Length < length) buffer = new byte[length];
        Span<byte> bytes = buffer.AsSpan(0, length);
        for (int i = 0; i < ids.Count; i++)
        {
            if (width == 2) BinaryPrimitives.WriteUInt16LittleEndian(bytes[(2 * i)..], (ushort)ids[i]);
            else BinaryPrimitives.WriteInt32LittleEndian(bytes[(4 * i)..], ids[i]);
        }
        file.Write(bytes);
        hash.AppendData(bytes);
        tokens += ids.Count;
        textBytes += bytesOfText;
    }

    /// <summary>Writes the header, flushes to the disk and gives the file its name.</summary>
    public TokenFileHeader Publish()
    {
        var header = new TokenFileHeader
        {
            BytesPerToken = width,
            Vocabulary = tokenizer.Vocabulary,
            EndOfDocument = tokenizer.EndOfDocument,
            Tokens = tokens,
            TextBytes = textBytes,
            Documents = documents,
            PayloadSha256 = Convert.ToHexStringLower(hash.GetHashAndReset()),
            CorpusSha256 = corpusSha256,
            TokenizerSha256 = tokenizer.Sha256,
        };
        file.Position = 0;
        file.Write(header.ToBytes());
        file.Flush(flushToDisk: true);
        file.Dispose();
        File.Move(temporary, path, overwrite: true);
        published = true;
        return header;
    }

    /// <summary>Removes what was not published.</summary>
    public void Dispose()
    {
        file.Dispose();
        hash.Dispose();
        if (!published) File.Delete(temporary);
    }
}
