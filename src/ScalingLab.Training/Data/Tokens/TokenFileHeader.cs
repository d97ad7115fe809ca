using System.Buffers.Binary;
using System.Security.Cryptography;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>The 256 bytes before the tokens of a token file. All numbers are little-endian, on every machine.</summary>
/// <remarks>
/// <code>
///   0  8  "SLTOKENS"                    48  32  SHA-256 of the tokens' bytes
///   8  4  format version, 1             80  32  SHA-256 of the corpus's text
///  12  4  bytes a token, 2 or 4        112  32  SHA-256 of the tokenizer's JSON
///  16  4  vocabulary                   144   4  id of end-of-document
///  20  4  bytes of the header, 256     148  76  zero
///  24  8  tokens                       224  32  SHA-256 of the bytes before
///  32  8  bytes of text they stand for
///  40  8  documents
/// </code>
/// </remarks>
public sealed record TokenFileHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Bytes = 256;

    /// <summary>The version that this program reads and writes.</summary>
    public const int FormatVersion = 1;

    private const int HashedBytes = 224;
    private static ReadOnlySpan<byte> Magic => "SLTOKENS"u8;

    /// <summary>Bytes a token: 2 for a vocabulary up to 65,536, else 4.</summary>
    public required int BytesPerToken { get; init; }

    /// <summary>Ids are below this.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Id that ends each document; −1 where none does.</summary>
    public required int EndOfDocument { get; init; }

    /// <summary>Tokens, end-of-document ones included.</summary>
    public required long Tokens { get; init; }

    /// <summary>Bytes of text that the tokens stand for.</summary>
    public required long TextBytes { get; init; }

    /// <summary>Documents.</summary>
    public required long Documents { get; init; }

    /// <summary>SHA-256 of the tokens' bytes, lower-case hexadecimal.</summary>
    public required string PayloadSha256 { get; init; }

    /// <summary>SHA-256 of the whole corpus's text, lower-case hexadecimal.</summary>
    public required string CorpusSha256 { get; init; }

    /// <summary><see cref="ITokenizer.Sha256"/>, lower-case hexadecimal.</summary>
    public required string TokenizerSha256 { get; init; }

    /// <summary>Width for a vocabulary.</summary>
    public static int WidthFor(int vocabulary) => vocabulary <= 65_536 ? 2 : 4;

    /// <summary>The header's 256 bytes.</summary>
    public byte[] ToBytes()
    {
        byte[] header = new byte[Bytes];
        Span<byte> span = header;
        Magic.CopyTo(span);
        BinaryPrimitives.WriteInt32LittleEndian(span[8..], FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(span[12..], BytesPerToken);
        BinaryPrimitives.WriteInt32LittleEndian(span[16..], Vocabulary);
        BinaryPrimitives.WriteInt32LittleEndian(span[20..], Bytes);
        BinaryPrimitives.WriteInt64LittleEndian(span[24..], Tokens);
        BinaryPrimitives.WriteInt64LittleEndian(span[32..], TextBytes);
        BinaryPrimitives.WriteInt64LittleEndian(span[40..], Documents);
        Convert.FromHexString(PayloadSha256).CopyTo(span[48..]);
        Convert.FromHexString(CorpusSha256).CopyTo(span[80..]);
        Convert.FromHexString(TokenizerSha256).CopyTo(span[112..]);
        BinaryPrimitives.WriteInt32LittleEndian(span[144..], EndOfDocument);
        SHA256.HashData(span[..HashedBytes], span[HashedBytes..]);
        return header;
    }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="header">The file's first bytes, 256 or as many as there are.</param>
    /// <param name="path">For messages.</param>
    /// <param name="fileBytes">Length of the whole file, which must be that of header and tokens.</param>
    /// <exception cref="UserErrorException">Anything is not as written.</exception>
    public static TokenFileHeader Parse(ReadOnlySpan<byte> header, string path, long fileBytes)
    {
        if (!header.StartsWith(Magic)) throw TokenFile.Unusable(path, "SL0660", "this is not a token file of this program");
        if (header.Length < Bytes) throw TokenFile.Unusable(path, "SL0662", $"the file is cut off: {fileBytes} bytes, fewer than the {Bytes} of the header");
        int version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (version != FormatVersion) throw TokenFile.Unusable(path, "SL0661", $"the format's version is {version}; this program reads {FormatVersion}");
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(header[..HashedBytes], hash);
        if (!header[HashedBytes..Bytes].SequenceEqual(hash)) throw TokenFile.Unusable(path, "SL0665", "the header's checksum does not fit: its bytes have changed");
        var read = new TokenFileHeader
        {
            BytesPerToken = BinaryPrimitives.ReadInt32LittleEndian(header[12..]),
            Vocabulary = BinaryPrimitives.ReadInt32LittleEndian(header[16..]),
            Tokens = BinaryPrimitives.ReadInt64LittleEndian(header[24..]),
            TextBytes = BinaryPrimitives.ReadInt64LittleEndian(header[32..]),
            Documents = BinaryPrimitives.ReadInt64LittleEndian(header[40..]),
            PayloadSha256 = Convert.ToHexStringLower(header[48..80]),
            CorpusSha256 = Convert.ToHexStringLower(header[80..112]),
            TokenizerSha256 = Convert.ToHexStringLower(header[112..144]),
            EndOfDocument = BinaryPrimitives.ReadInt32LittleEndian(header[144..]),
        };
        read.Check(path, fileBytes, BinaryPrimitives.ReadInt32LittleEndian(header[20..]));
        return read;
    }

    private void Check(string path, long fileBytes, int headerBytes)
    {
        bool sound = headerBytes == Bytes && Vocabulary >= 1 && BytesPerToken == WidthFor(Vocabulary)
            && EndOfDocument >= -1 && EndOfDocument < Vocabulary && Documents >= 0 && TextBytes >= 0
            && Tokens is >= 0 and <= (long.MaxValue - Bytes) / 4;
        if (!sound) throw TokenFile.Unusable(path, "SL0665", "the header contradicts itself");
        long expected = Bytes + Tokens * BytesPerToken;
        if (fileBytes == expected) return;
        throw TokenFile.Unusable(path, "SL0662", fileBytes < expected
            ? $"the file is cut off: {Tokens} tokens of {BytesPerToken} bytes need {expected} bytes, {fileBytes} are there"
            : $"the file is too long: {Tokens} tokens of {BytesPerToken} bytes need {expected} bytes, {fileBytes} are there");
    }
}
