using System.Security.Cryptography;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>What one reading of a corpus tells.</summary>
public sealed record CorpusFacts
{
    /// <summary>SHA-256 of the decompressed file, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Bytes of the decompressed file.</summary>
    public required long FileBytes { get; init; }

    /// <summary>Bytes of the documents' text, separators and surrounding line breaks left out.</summary>
    public required long TextBytes { get; init; }

    /// <summary>Documents that are not empty.</summary>
    public required int Documents { get; init; }

    /// <summary>SHA-256 of each document's text in order: what the split into training and held-out documents goes by.</summary>
    public required IReadOnlyList<byte[]> DocumentHashes { get; init; }

    /// <summary>Reads a corpus once from end to end.</summary>
    /// <exception cref="UserErrorException">It cannot be read, or has fewer than two documents.</exception>
    public static CorpusFacts Read(CorpusReader reader)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var hashes = new List<byte[]>();
        long textBytes = 0, fileBytes = 0;
        foreach (ReadOnlyMemory<byte> document in reader.Documents(hash, total => fileBytes = total))
        {
            hashes.Add(SHA256.HashData(document.Span));
            textBytes += document.Length;
        }
        return new CorpusFacts
        {
            Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset()),
            FileBytes = fileBytes,
            TextBytes = textBytes,
            Documents = hashes.Count,
            DocumentHashes = hashes,
        };
    }

    /// <summary>Refuses a corpus that cannot be split into whole training and held-out documents.</summary>
    /// <exception cref="UserErrorException">Fewer than two documents.</exception>
    public void RequireTwoDocuments(string path)
    {
        if (Documents == 0) throw DataError.In(path, "SL0656", "the corpus is empty: it has no document with text in it", "give a file with text");
        if (Documents == 1)
            throw DataError.In(path, "SL0656", "the corpus has 1 document, and evaluation needs another that is held out",
                "end each document with a line <|endoftext|>, or set corpus.document_separator to the line that does; \"\" takes blank lines");
    }
}
