using System.Buffers.Binary;
using System.Text;

namespace ScalingLab.Training.Data;

/// <summary>Reads a Python pickle of dictionaries, strings and whole numbers, and nothing else: no object is ever made, no code ever run.</summary>
/// <remarks>Python's Lib/pickletools.py, protocols 2 to 5: one byte an instruction for a machine with a stack, marks and a memo.</remarks>
internal static class PickleReader
{
    private static readonly object Mark = new();

    /// <summary>The value: a string, a long, or a dictionary of such.</summary>
    /// <exception cref="FormatException">The pickle holds anything else, or is cut off.</exception>
    public static object Read(ReadOnlySpan<byte> bytes)
    {
        var stack = new List<object>();
        var memo = new Dictionary<long, object>();
        try
        {
            for (int at = 0; ;)
            {
                byte instruction = bytes[at++];
                switch (instruction)
                {
                    case 0x80: at += 1; break; // PROTO
                    case 0x95: at += 8; break; // FRAME
                    case (byte)'}': stack.Add(new Dictionary<object, object>()); break; // EMPTY_DICT
                    case (byte)'(': stack.Add(Mark); break; // MARK
                    case 0x94: memo[memo.Count] = stack[^1]; break; // MEMOIZE
                    case (byte)'q': memo[bytes[at++]] = stack[^1]; break; // BINPUT
                    case (byte)'r': memo[Unsigned(bytes, ref at, 4)] = stack[^1]; break; // LONG_BINPUT
                    case (byte)'h': stack.Add(memo[bytes[at++]]); break; // BINGET
                    case (byte)'j': stack.Add(memo[Unsigned(bytes, ref at, 4)]); break; // LONG_BINGET
                    case (byte)'K': stack.Add((long)bytes[at++]); break; // BININT1
                    case (byte)'M': stack.Add(Unsigned(bytes, ref at, 2)); break; // BININT2
                    case (byte)'J': stack.Add((long)(int)Unsigned(bytes, ref at, 4)); break; // BININT
                    case 0x8C: stack.Add(Text(bytes, ref at, bytes[at++])); break; // SHORT_BINUNICODE
                    case (byte)'X': stack.Add(Text(bytes, ref at, Unsigned(bytes, ref at, 4))); break; // BINUNICODE
                    case (byte)'s': SetItems(stack, stack.Count - 2); break; // SETITEM
                    case (byte)'u': SetItems(stack, stack.LastIndexOf(Mark)); break; // SETITEMS
                    case (byte)'.': return stack[^1]; // STOP
                    default: throw new FormatException($"the pickle's instruction 0x{instruction:X2} is not for dictionaries of text and numbers");
                }
            }
        }
        catch (Exception error) when (error is IndexOutOfRangeException or ArgumentException or KeyNotFoundException or InvalidCastException)
        {
            throw new FormatException("the pickle is cut off or damaged", error);
        }
    }

    /// <summary>Takes keys and values off the stack from a place on (a mark, which goes too, or the first key) into the dictionary below.</summary>
    private static void SetItems(List<object> stack, int from)
    {
        var dictionary = (Dictionary<object, object>)stack[from - 1];
        int first = ReferenceEquals(stack[from], Mark) ? from + 1 : from;
        for (int i = first; i < stack.Count; i += 2)
            dictionary[stack[i]] = stack[i + 1];
        stack.RemoveRange(from, stack.Count - from);
    }

    private static long Unsigned(ReadOnlySpan<byte> bytes, ref int at, int width)
    {
        long value = width == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
        at += width;
        return value;
    }

    private static string Text(ReadOnlySpan<byte> bytes, ref int at, long length)
    {
        string text = Encoding.UTF8.GetString(bytes.Slice(at, checked((int)length)));
        at += (int)length;
        return text;
    }
}
