using System.Text;

namespace ScalingLab.Training.Data;

/// <summary>Documents of plain text: what lies between separator lines, without the line breaks at its ends.</summary>
internal static class TextDocuments
{
    /// <summary>Documents in order; each is valid until the next is asked for. An empty separator makes a blank line end a document.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Read(TextWindow window, string path, string separator)
    {
        byte[] separatorLine = Encoding.UTF8.GetBytes(separator);
        SkipByteOrderMark(window);
        RejectBinary(window, path, window.Bytes.Length);
        int line = 0; // start of the current line within the window
        int searched = 0; // no line break before here
        while (true)
        {
            int lineBreak = searched < window.Bytes.Length ? window.Bytes[searched..].IndexOf((byte)'\n') : -1;
            if (lineBreak < 0 && !window.AtEnd)
            {
                searched = window.Bytes.Length;
                int read = window.Extend();
                RejectBinary(window, path, read);
                continue;
            }
            int lineEnd = lineBreak < 0 ? window.Bytes.Length : searched + lineBreak;
            bool separates = WithoutReturn(window.Bytes[line..lineEnd]).SequenceEqual(separatorLine);
            if (separates || lineBreak < 0)
            {
                ReadOnlyMemory<byte> document = Trim(window.Memory[..(separates ? line : lineEnd)]);
                RejectInvalid(document.Span, path, window);
                if (document.Length > 0) yield return document;
                if (lineBreak < 0) yield break;
                window.Drop(lineEnd + 1);
                line = searched = 0;
            }
            else
            {
                line = searched = lineEnd + 1;
            }
        }
    }

    /// <summary>Without line breaks at either end.</summary>
    public static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> document) => document.Trim("\r\n"u8);

    private static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line) => line.EndsWith("\r"u8) ? line[..^1] : line;

    private static void SkipByteOrderMark(TextWindow window)
    {
        while (window.Bytes.Length < 3 && window.Extend() > 0)
        {
        }
        if (window.Bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) window.Drop(3);
    }

    private static void RejectBinary(TextWindow window, string path, int newBytes)
    {
        int zero = window.Bytes[^newBytes..].IndexOf((byte)0);
        if (zero < 0) return;
        long offset = window.Offset + window.Bytes.Length - newBytes + zero;
        throw DataError.In(path, "SL0653", $"byte {offset} of the text is 0: this is a binary file or UTF-16", "give UTF-8 text; `iconv -f UTF-16 -t UTF-8` converts UTF-16");
    }

    private static void RejectInvalid(ReadOnlySpan<byte> document, string path, TextWindow window)
    {
        if (System.Text.Unicode.Utf8.IsValid(document)) return;
        int at = 0;
        while (Rune.DecodeFromUtf8(document[at..], out _, out int length) == System.Buffers.OperationStatus.Done) at += length;
        int leading = window.Bytes.IndexOf(document); // line breaks that were trimmed
        throw DataError.In(path, "SL0652", $"byte {window.Offset + leading + at} of the text (0x{document[at]:x2}) is not UTF-8",
            "convert the file, e.g. iconv -f WINDOWS-1252 -t UTF-8, or drop such bytes with iconv -c -f UTF-8 -t UTF-8");
    }
}
