using System.IO.Compression;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>How documents lie in a corpus file.</summary>
public enum CorpusLayout
{
    /// <summary>Plain text; a line of its own ends a document.</summary>
    Text,

    /// <summary>JSON objects one after another (JSON lines), a document each.</summary>
    JsonLines,

    /// <summary>One JSON array, an object or a string a document.</summary>
    JsonArray,
}

/// <summary>Opens corpus files: looks at the first bytes, undoes gzip, and names the way out of formats that cannot be read.</summary>
internal static class CorpusFile
{
    private const int HeadBytes = 512;

    private static readonly (byte[] Magic, string Format, string Help)[] Foreign =
    [
        ("PAR1"u8.ToArray(), "a Parquet file", "convert it to JSON lines, e.g. duckdb -c \"COPY (SELECT text FROM 'x.parquet') TO 'x.jsonl'\""),
        ([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "xz-compressed", "recompress it with gzip: xz -dc x.xz | gzip > x.gz"),
        ([0x28, 0xB5, 0x2F, 0xFD], "zstd-compressed", "recompress it with gzip: zstd -dc x.zst | gzip > x.gz"),
        ("BZh"u8.ToArray(), "bzip2-compressed", "recompress it with gzip: bzip2 -dc x.bz2 | gzip > x.gz"),
        ("PK\u0003\u0004"u8.ToArray(), "a zip archive", "unpack it and name the text file inside: unzip x.zip"),
        ([0xFF, 0xFE], "UTF-16 text", "convert it to UTF-8: iconv -f UTF-16 -t UTF-8 x > x.txt"),
        ([0xFE, 0xFF], "UTF-16 text", "convert it to UTF-8: iconv -f UTF-16 -t UTF-8 x > x.txt"),
        (BitConverter.GetBytes(20240520), "a llm.c token file, not text", "set corpus.tokenizer: tokens and corpus.vocabulary: 50257"),
        (BitConverter.GetBytes(20240801), "a llm.c token file, not text", "set corpus.tokenizer: tokens and corpus.vocabulary: 128256"),
        (BitConverter.GetBytes(20240522), "a llm.c evaluation file, not text", "evaluation files are no training data; give a text corpus"),
        ("SLTOKENS"u8.ToArray(), "a token file of this program, not text", "inspect it with `scalinglab data inspect`; a config names the text"),
    ];

    /// <summary>The text of a file, decompressed and read from its start; the caller disposes it.</summary>
    /// <exception cref="UserErrorException">No such file, or a format that cannot be read.</exception>
    public static (Stream Text, CorpusLayout Layout) Open(string path)
    {
        if (!File.Exists(path))
            throw new UserErrorException(ExitCode.Config, new Diagnostic("SL0650", $"there is no corpus file {path}", null, "check corpus.path"));
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        try
        {
            byte[] head = Head(file);
            RejectForeign(path, head);
            Stream text = file;
            if (head.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            {
                head = Head(new GZipStream(file, CompressionMode.Decompress, leaveOpen: true), path);
                file.Position = 0;
                RejectForeign(path, head);
                text = new CheckedGzipStream(file, path);
            }
            return (text, LayoutOf(path, head));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static byte[] Head(FileStream file)
    {
        byte[] head = new byte[HeadBytes];
        int length = file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
        file.Position = 0;
        return head[..length];
    }

    private static byte[] Head(GZipStream gzip, string path)
    {
        byte[] head = new byte[HeadBytes];
        try
        {
            using (gzip) return head[..gzip.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false)];
        }
        catch (InvalidDataException e)
        {
            throw CheckedGzipStream.Damaged(path, e);
        }
    }

    private static void RejectForeign(string path, byte[] head)
    {
        foreach ((byte[] magic, string format, string help) in Foreign)
            if (head.AsSpan().StartsWith(magic)) throw DataError.In(path, "SL0651", $"this is {format}", help);
    }

    /// <summary>By name; a .json file that opens with an object holds JSON lines, as the files of C4 do.</summary>
    private static CorpusLayout LayoutOf(string path, ReadOnlySpan<byte> head)
    {
        string name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        string extension = Path.GetExtension(name).ToLowerInvariant();
        if (extension is ".jsonl" or ".ndjson") return CorpusLayout.JsonLines;
        if (extension is not ".json") return CorpusLayout.Text;
        ReadOnlySpan<byte> bom = [0xEF, 0xBB, 0xBF];
        if (head.StartsWith(bom)) head = head[3..];
        return head.TrimStart(" \t\r\n"u8).StartsWith("{"u8) ? CorpusLayout.JsonLines : CorpusLayout.JsonArray;
    }
}
