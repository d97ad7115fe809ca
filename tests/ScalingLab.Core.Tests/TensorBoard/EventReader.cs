using System.Text;
using ScalingLab.Core.TensorBoard;

namespace ScalingLab.Core.Tests.TensorBoard;

/// <summary>A field of a decoded message: its number, and a ulong, or the bytes of what is delimited by length.</summary>
internal sealed record Field(int Number, ulong Value, byte[] Bytes)
{
    public double AsDouble => BitConverter.UInt64BitsToDouble(Value);

    public float AsFloat => BitConverter.UInt32BitsToSingle((uint)Value);

    public string AsText => Encoding.UTF8.GetString(Bytes);

    public IReadOnlyList<Field> Message => EventReader.Message(Bytes);

    public Field Inner(int number) => Message.Single(f => f.Number == number);
}

/// <summary>Decodes event files by the published formats, without the writer's code but for the checksum, which has published values of its own.</summary>
internal static class EventReader
{
    public static IReadOnlyList<IReadOnlyList<Field>> Events(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        var events = new List<IReadOnlyList<Field>>();
        for (int at = 0; at < file.Length;)
        {
            int length = checked((int)BitConverter.ToUInt64(file, at));
            Assert.Equal(TfRecord.MaskedCrc(file.AsSpan(at, 8)), BitConverter.ToUInt32(file, at + 8));
            Assert.Equal(TfRecord.MaskedCrc(file.AsSpan(at + 12, length)), BitConverter.ToUInt32(file, at + 12 + length));
            events.Add(Message(file[(at + 12)..(at + 12 + length)]));
            at += 16 + length;
        }

        return events;
    }

    /// <summary>(tag, step, wall time, value) of each scalar.</summary>
    public static IEnumerable<(string Tag, long Step, double Time, float Value)> Scalars(string path) =>
        from entry in Events(path)
        from summary in entry.Where(f => f.Number == 5)
        let value = summary.Inner(1)
        where value.Message.Any(f => f.Number == 2)
        select (value.Inner(1).AsText, (long)entry.Single(f => f.Number == 2).Value, entry.Single(f => f.Number == 1).AsDouble, value.Inner(2).AsFloat);

    /// <summary>The plugin's content under a tag: fields of HParamsPluginData.</summary>
    public static Field Plugin(string path, string tag) => (
        from entry in Events(path)
        from summary in entry.Where(f => f.Number == 5)
        let value = summary.Inner(1)
        where value.Inner(1).AsText == tag
        let plugin = value.Inner(9).Inner(1)
        where plugin.Inner(1).AsText == "hparams"
        select plugin.Inner(2)).Single();

    public static IReadOnlyList<Field> Message(byte[] bytes)
    {
        var fields = new List<Field>();
        for (int at = 0; at < bytes.Length;)
        {
            ulong tag = Varint();
            int number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0: fields.Add(new Field(number, Varint(), [])); break;
                case 1: fields.Add(new Field(number, BitConverter.ToUInt64(bytes, at), [])); at += 8; break;
                case 2: int length = (int)Varint(); fields.Add(new Field(number, 0, bytes[at..(at + length)])); at += length; break;
                case 5: fields.Add(new Field(number, BitConverter.ToUInt32(bytes, at), [])); at += 4; break;
                default: throw new InvalidDataException($"wire type {tag & 7}");
            }

            ulong Varint()
            {
                ulong value = 0;
                for (int shift = 0; ; shift += 7)
                {
                    byte b = bytes[at++];
                    value |= (ulong)(b & 0x7F) << shift;
                    if (b < 0x80)
                        return value;
                }
            }
        }

        return fields;
    }
}
