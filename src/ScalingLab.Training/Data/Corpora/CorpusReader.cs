using System.Security.Cryptography;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>Streams the documents of a corpus file: plain text, JSON lines or a JSON array, each with or without gzip.</summary>
/// <param name="path">The file.</param>
/// <param name="separator">Line that ends a document of plain text; empty for a blank line.</param>
/// <remarks>
/// A document is UTF-8 text without the line breaks at its ends; empty ones are left out. Only one is in memory at a time.
/// A separator ends a document only as a whole line: the same characters within a line are text.
/// </remarks>
public sealed class CorpusReader(string path, string separator)
{
    /// <summary>Path as given.</summary>
    public string Path { get; } = path;

    /// <summary>The documents in order; each is valid until the next is asked for.</summary>
    /// <exception cref="UserErrorException">The file is missing, damaged, or no UTF-8 text; the message has the place and a way out.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Documents() => Documents(null, null);

    /// <summary>The documents, while the SHA-256 of the whole decompressed text is taken; it is complete once the last one was asked for.</summary>
    /// <param name="hash">Takes the text in, byte-order mark and separators included.</param>
    /// <param name="atEnd">Is told the length of the text in bytes.</param>
    internal IEnumerable<ReadOnlyMemory<byte>> Documents(IncrementalHash? hash, Action<long>? atEnd)
    {
        (Stream text, CorpusLayout layout) = CorpusFile.Open(Path);
        using (text)
        {
            var window = new TextWindow(text, Path, hash);
            IEnumerable<ReadOnlyMemory<byte>> documents = layout == CorpusLayout.Text
                ? TextDocuments.Read(window, Path, separator)
                : JsonDocuments.Read(window, Path, layout);
            foreach (ReadOnlyMemory<byte> document in documents) yield return document;
            atEnd?.Invoke(window.Offset + window.Bytes.Length);
        }
    }
}
