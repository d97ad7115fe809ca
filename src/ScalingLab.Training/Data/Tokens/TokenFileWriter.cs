using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ScalingLab.Training.Data;

/// <summary>Writes a token file: under a temporary name, flushed to the disk, then renamed, so the name never stands for half a file.</summary>
public sealed class TokenFileWriter : IDisposable
{
    private readonly string _path, _temporary;
    private readonly FileStream _file;
    private readonly ITokenizer _tokenizer;
    private readonly string _corpusSha256;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<int> _ids = [];
    private readonly int _width;
    private byte[] _bytes = [];
    private long _tokens, _textBytes, _documents;
    private bool _published;

    /// <summary>Begins a file; nothing has the name until <see cref="Publish"/>.</summary>
    /// <param name="path">Where the file shall be; its folder exists.</param>
    /// <param name="tokenizer">Gives ids, vocabulary and hash.</param>
    /// <param name="corpusSha256">SHA-256 of the corpus's text, hexadecimal.</param>
    public TokenFileWriter(string path, ITokenizer tokenizer, string corpusSha256)
    {
        _path = path;
        _tokenizer = tokenizer;
        _corpusSha256 = corpusSha256;
        _width = TokenFileHeader.WidthFor(tokenizer.Vocabulary);
        _temporary = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():n}.tmp";
        _file = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        _file.Write(new byte[TokenFileHeader.Bytes]);
    }

    /// <summary>Appends a document's tokens and end-of-document.</summary>
    public void Add(ReadOnlySpan<byte> document)
    {
        _ids.Clear();
        _tokenizer.Encode(document, _ids);
        _ids.Add(_tokenizer.EndOfDocument);
        int length = _ids.Count * _width;
        if (_bytes.Length < length) _bytes = new byte[length];
        Span<byte> bytes = _bytes.AsSpan(0, length);
        for (int i = 0; i < _ids.Count; i++)
        {
            if (_width == 2) BinaryPrimitives.WriteUInt16LittleEndian(bytes[(2 * i)..], (ushort)_ids[i]);
            else BinaryPrimitives.WriteInt32LittleEndian(bytes[(4 * i)..], _ids[i]);
        }
        _file.Write(bytes);
        _hash.AppendData(bytes);
        _tokens += _ids.Count;
        _textBytes += document.Length;
        _documents++;
    }

    /// <summary>Writes the header, flushes to the disk and gives the file its name.</summary>
    public TokenFileHeader Publish()
    {
        var header = new TokenFileHeader
        {
            BytesPerToken = _width,
            Vocabulary = _tokenizer.Vocabulary,
            EndOfDocument = _tokenizer.EndOfDocument,
            Tokens = _tokens,
            TextBytes = _textBytes,
            Documents = _documents,
            PayloadSha256 = Convert.ToHexStringLower(_hash.GetHashAndReset()),
            CorpusSha256 = _corpusSha256,
            TokenizerSha256 = _tokenizer.Sha256,
        };
        _file.Position = 0;
        _file.Write(header.ToBytes());
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        _published = true;
        return header;
    }

    /// <summary>Removes what was not published.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
        if (!_published) File.Delete(_temporary);
    }
}
