using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>A file of token ids, mapped into memory: pages come in as they are read, the whole never has to. Safe for several threads.</summary>
public sealed unsafe class TokenFile : IDisposable
{
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* tokens;
    private bool disposed;

    private TokenFile(string path, TokenFileHeader header, MemoryMappedFile map)
    {
        Path = path;
        Header = header;
        this.map = map;
        view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        tokens = start + view.PointerOffset + TokenFileHeader.Bytes;
    }

    /// <summary>Path as given.</summary>
    public string Path { get; }

    /// <summary>What the file says about itself.</summary>
    public TokenFileHeader Header { get; }

    /// <summary>Number of tokens.</summary>
    public long Count => Header.Tokens;

    /// <summary>Opens a token file and checks its header and length, not its payload: see <see cref="Verify"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="vocabulary">The vocabulary it must have; null to take what it has.</param>
    /// <exception cref="UserErrorException">The file is missing, cut off, changed, of another version or of another vocabulary.</exception>
    public static TokenFile Open(string path, int? vocabulary = null)
    {
        if (!File.Exists(path)) throw Unusable(path, "SL0660", "there is no such token file");
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1);
        byte[] head = new byte[TokenFileHeader.Bytes];
        int length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        TokenFileHeader header = TokenFileHeader.Parse(head.AsSpan(0, length), path, file.Length);
        if (vocabulary is { } expected && header.Vocabulary != expected)
            throw Unusable(path, "SL0663", $"the tokens have a vocabulary of {header.Vocabulary}; {expected} is expected");
        return new TokenFile(path, header, MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true));
    }

    /// <summary>Copies consecutive tokens.</summary>
    /// <param name="start">First token, 0 or more; with the length within <see cref="Count"/>.</param>
    /// <param name="destination">Takes the ids.</param>
    /// <exception cref="UserErrorException">An id is not in the vocabulary: the file has changed since it was written.</exception>
    public void CopyTokens(long start, Span<long> destination)
    {
        CheckRange(start, destination.Length);
        bool inVocabulary = Header.BytesPerToken == 2
            ? Widen(new ReadOnlySpan<ushort>(tokens + 2 * start, destination.Length), destination, Header.Vocabulary)
            : Widen(new ReadOnlySpan<uint>(tokens + 4 * start, destination.Length), destination, Header.Vocabulary);
        // An id beyond the vocabulary would read past the embedding in native code.
        if (!inVocabulary) throw Unusable(Path, "SL0666", $"a token from {start} to {start + destination.Length - 1} is not below the vocabulary of {Header.Vocabulary}");
    }

    /// <summary>Compares the tokens with the checksum in the header, reading the file once.</summary>
    /// <exception cref="UserErrorException">They differ.</exception>
    public void Verify()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long bytes = Count * Header.BytesPerToken;
        const int Chunk = 1 << 20;
        for (long at = 0; at < bytes; at += Chunk) hash.AppendData(new ReadOnlySpan<byte>(tokens + at, (int)Math.Min(Chunk, bytes - at)));
        string found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (found != Header.PayloadSha256) throw Unusable(Path, "SL0664", $"the tokens have changed: their SHA-256 is {found}, the header says {Header.PayloadSha256}");
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map.Dispose();
    }

    internal static UserErrorException Unusable(string path, string code, string message) =>
        DataError.In(path, code, message, "make it again: `scalinglab data prepare CONFIG --rebuild`");

    /// <summary>Copies little-endian ids; false when one is not below the vocabulary. Without a branch in the loop.</summary>
    private static bool Widen(ReadOnlySpan<ushort> tokens, Span<long> destination, int vocabulary)
    {
        long largest = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            long id = BitConverter.IsLittleEndian ? tokens[i] : BinaryPrimitives.ReverseEndianness(tokens[i]);
            largest = Math.Max(largest, id);
            destination[i] = id;
        }
        return largest < vocabulary;
    }

    private static bool Widen(ReadOnlySpan<uint> tokens, Span<long> destination, int vocabulary)
    {
        long largest = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            long id = BitConverter.IsLittleEndian ? tokens[i] : BinaryPrimitives.ReverseEndianness(tokens[i]);
            largest = Math.Max(largest, id);
            destination[i] = id;
        }
        return largest < vocabulary;
    }

    private void CheckRange(long start, int length)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (start < 0 || start > Count - length)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"{length} tokens from there are not within the {Count} of {Path}.");
    }
}
