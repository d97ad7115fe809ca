using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace ScalingLab.Core.TensorBoard;

/// <summary>The framing of TensorFlow's record files: length, its checksum, data, their checksum.</summary>
/// <remarks>tensorflow.org, "TFRecord and tf.train.Example", section "TFRecords format details".</remarks>
internal static class TfRecord
{
    private const uint MaskDelta = 0xA282EAD8;

    /// <summary>Appends one record.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[12], tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], MaskedCrc(head[..8]));
        BinaryPrimitives.WriteUInt32LittleEndian(tail, MaskedCrc(data));
        stream.Write(head);
        stream.Write(data);
        stream.Write(tail);
    }

    /// <summary>CRC-32C rotated and shifted, so that a checksum of data which hold checksums stays good.</summary>
    public static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        uint crc = Crc32C(data);
        return unchecked(((crc >> 15) | (crc << 17)) + MaskDelta);
    }

    /// <summary>CRC-32C (Castagnoli), RFC 3720, Appendix B.4.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        int words = data.Length / 8;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(data[..(8 * words)]))
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        foreach (byte b in data[(8 * words)..])
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
