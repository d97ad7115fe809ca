using System.Security.Cryptography;

namespace ScalingLab.Training.Data;

/// <summary>The part of a text stream that is in memory: grows at the end, is dropped at the start, knows its place in the whole.</summary>
internal sealed class TextWindow(Stream stream, string path, IncrementalHash? hash)
{
    private const int MaxBytes = 1 << 30;
    private byte[] buffer = new byte[1 << 18];
    private int start, end;

    /// <summary>Bytes in memory.</summary>
    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(start, end - start);

    /// <summary>The same, to be handed on; valid until the next call of <see cref="Extend"/>.</summary>
    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(start, end - start);

    /// <summary>Offset in the text of the first byte in memory.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether the stream is exhausted.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>Forgets bytes at the start.</summary>
    public void Drop(int bytes)
    {
        start += bytes;
        Offset += bytes;
    }

    /// <summary>Reads some more bytes.</summary>
    /// <returns>How many; 0 at the end.</returns>
    public int Extend()
    {
        if (end == buffer.Length) MakeRoom();
        int read = stream.Read(buffer.AsSpan(end));
        if (read == 0) AtEnd = true;
        hash?.AppendData(buffer.AsSpan(end, read));
        end += read;
        return read;
    }

    private void MakeRoom()
    {
        int length = end - start;
        if (length >= MaxBytes)
            throw DataError.In(path, "SL0656", $"a document is longer than {MaxBytes} bytes", "separate the documents: corpus.document_separator names the line that ends one");
        byte[] room = length > buffer.Length / 2 ? new byte[buffer.Length * 2] : buffer;
        Buffer.BlockCopy(buffer, start, room, 0, length);
        (buffer, start, end) = (room, 0, length);
    }
}
