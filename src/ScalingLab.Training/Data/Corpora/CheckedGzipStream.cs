using System.Buffers.Binary;
using System.IO.Compression;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training.Data;

/// <summary>Decompressed gzip that fails when the file was cut off. The library's own stream ends silently there.</summary>
/// <remarks>
/// RFC 1952: a member ends with the CRC-32 and the length (mod 2^32) of its text. At the end of the text:
/// 1. one member: the length in the last four bytes is what came out;
/// 2. several members: it is that of the last one, so that many bytes are read again and their CRC-32 compared.
/// </remarks>
internal sealed class CheckedGzipStream(FileStream file, string path) : Stream
{
    private static readonly uint[] CrcTable = MakeCrcTable();
    private readonly GZipStream decompressed = new(file, CompressionMode.Decompress);
    private long position;
    private bool endChecked;

    public static UserErrorException Damaged(string path, Exception? inner = null) =>
        DataError.In(path, "SL0654", "the gzip data are damaged or cut off", "get the file again; `gzip -t FILE` tests it", inner);

    public override int Read(Span<byte> buffer)
    {
        try
        {
            int read = decompressed.Read(buffer);
            position += read;
            if (read == 0 && buffer.Length > 0 && !endChecked) CheckEnd();
            return read;
        }
        catch (InvalidDataException e)
        {
            throw Damaged(path, e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    private void CheckEnd()
    {
        endChecked = true;
        using FileStream again = File.OpenRead(path);
        Span<byte> trailer = stackalloc byte[8];
        if (again.Length < 18) throw Damaged(path); // a header and a trailer
        again.Position = again.Length - 8;
        again.ReadExactly(trailer);
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(trailer), length = BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
        if (unchecked((uint)position) == length) return;
        if (length > position) throw Damaged(path);
        again.Position = 0;
        if (CrcAfter(again, position - length) != crc) throw Damaged(path);
    }

    private static uint CrcAfter(FileStream file, long skip)
    {
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        byte[] buffer = new byte[1 << 16];
        uint crc = uint.MaxValue;
        for (int read; (read = gzip.Read(buffer)) > 0;)
        {
            int from = (int)Math.Min(skip, read);
            skip -= from;
            foreach (byte b in buffer.AsSpan(from, read - from)) crc = CrcTable[(crc & 0xFF) ^ b] ^ (crc >> 8);
        }
        return ~crc;
    }

    private static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint c = i;
            for (int k = 0; k < 8; k++) c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
            table[i] = c;
        }
        return table;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) decompressed.Dispose();
        base.Dispose(disposing);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => position; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
