using System.Buffers.Binary;
using System.Text;

namespace ScalingLab.Core.TensorBoard;

/// <summary>Builds one protocol-buffers message, field by field; nested messages are added whole.</summary>
/// <remarks>protobuf.dev, "Encoding": a field is a varint of (number · 8 + wire type), then its value. Defaults are written too: a reader cannot tell.</remarks>
internal sealed class ProtoMessage
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;

    private readonly MemoryStream stream = new();

    /// <summary>An int32, int64, bool or enum.</summary>
    public ProtoMessage Add(int field, long value)
    {
        Tag(field, Varint);
        Write(unchecked((ulong)value));
        return this;
    }

    /// <summary>A double.</summary>
    public ProtoMessage Add(int field, double value)
    {
        Tag(field, Fixed64);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        stream.Write(bytes);
        return this;
    }

    /// <summary>A float.</summary>
    public ProtoMessage Add(int field, float value)
    {
        Tag(field, Fixed32);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        stream.Write(bytes);
        return this;
    }

    /// <summary>A string.</summary>
    public ProtoMessage Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A nested message.</summary>
    public ProtoMessage Add(int field, ProtoMessage value) => Add(field, value.ToArray());

    /// <summary>Bytes, or an encoded message.</summary>
    public ProtoMessage Add(int field, byte[] value)
    {
        Tag(field, LengthDelimited);
        Write((ulong)value.Length);
        stream.Write(value);
        return this;
    }

    /// <summary>The message's bytes.</summary>
    public byte[] ToArray() => stream.ToArray();

    private void Tag(int field, int wireType) => Write((ulong)((field << 3) | wireType));

    private void Write(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            stream.WriteByte((byte)(value & 0x7F | 0x80));
        stream.WriteByte((byte)value);
    }
}
