using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ScalingLab.Training.Data;

/// <summary>The documents of a token shard: what lies between end-of-document ids, whether these open or close them; empty ones are left out.</summary>
internal static class ShardDocuments
{
    /// <summary>The documents in order; each is valid until the next is asked for. </summary>
    public static IEnumerable<ReadOnlyMemory<int>> Read(TokenShard shard, int vocabulary, int endOfDocument)
    {
        var document = new List<int>();
        foreach (ReadOnlyMemory<int> piece in shard.Read(vocabulary))
        {
            for (int from = 0; from < piece.Length;)
            {
                int length = piece.Span[from..].IndexOf(endOfDocument);
                document.AddRange(length < 0 ? piece.Span[from..] : piece.Span.Slice(from, length));
                if (length < 0)
                    break;
                from += length + 1;
                if (document.Count > 0)
                    yield return document.ToArray();
                document.Clear();
            }
        }

        if (document.Count > 0)
            yield return document.ToArray();
    }

    /// <summary>SHA-256 of each document's ids as little-endian int32: what the split goes by.</summary>
    public static List<byte[]> Hashes(TokenShard shard, int vocabulary, int endOfDocument)
    {
        var hashes = new List<byte[]>();
        foreach (ReadOnlyMemory<int> document in Read(shard, vocabulary, endOfDocument))
            hashes.Add(SHA256.HashData(MemoryMarshal.AsBytes(document.Span)));
        return hashes;
    }
}
