using System.Buffers.Binary;
using System.Text;
using ScalingLab.Training.Checkpoints;
using ScalingLab.Training.Tests.Data;

namespace ScalingLab.Training.Tests.Checkpoints;

public sealed class SafeTensorsTests : IDisposable
{
    private static readonly NamedArray[] Arrays =
    [
        new("blocks.0.weight", "F32", [2, 3], [.. Enumerable.Range(0, 24).Select(i => (byte)i)]),
        new("größe \"µ\"", "F64", [1], [1, 2, 3, 4, 5, 6, 7, 8]),
        new("scalar", "F32", [], [9, 9, 9, 9]),
        new("empty", "I64", [0, 5], []),
    ];

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string> Hostile => new()
    {
        { "not JSON", "{\"a\":" },
        { "not an object", "[1,2]" },
        { "a number for an array", "{\"a\":1}" },
        { "two arrays on the same bytes", """{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""" },
        { "arrays that overlap", """{"a":{"dtype":"U8","shape":[6],"data_offsets":[0,6]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""" },
        { "a hole between arrays", """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""" },
        { "a hole at the start", """{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""" },
        { "bytes after the last array", """{"a":{"dtype":"U8","shape":[7],"data_offsets":[0,7]}}""" },
        { "an array past the end", """{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}""" },
        { "an array of 8 EiB", """{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}""" },
        { "a shape whose product wraps around to the right size", """{"a":{"dtype":"U8","shape":[4294967296,4294967296,8],"data_offsets":[0,8]}}""" },
        { "a shape whose product wraps around 128 bits", """{"a":{"dtype":"F64","shape":[9223372036854775807,9223372036854775807,9223372036854775807,9223372036854775807],"data_offsets":[0,8]}}""" },
        { "a shape larger than 64 bits", """{"a":{"dtype":"U8","shape":[18446744073709551624],"data_offsets":[0,8]}}""" },
        { "negative sizes that multiply to the right one", """{"a":{"dtype":"U8","shape":[-2,-4],"data_offsets":[0,8]}}""" },
        { "an end before the start", """{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[1],"data_offsets":[8,-9223372036854775808]}}""" },
        { "offsets with a fraction", """{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8.5]}}""" },
        { "one offset", """{"a":{"dtype":"U8","shape":[8],"data_offsets":[8]}}""" },
        { "no offsets", """{"a":{"dtype":"U8","shape":[8]}}""" },
        { "a name twice", """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""" },
        { "a name twice, once spelt with an escape", """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"\u0061":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""" },
        { "half a surrogate pair in a name", """{"\ud800":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""" },
        { "an unknown type", """{"a":{"dtype":"F7","shape":[8],"data_offsets":[0,8]}}""" },
        { "no type", """{"a":{"dtype":null,"shape":[8],"data_offsets":[0,8]}}""" },
        { "the wrong width", """{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}""" },
        { "very deep JSON", $"{{\"a\":{new string('[', 100_000)}{new string(']', 100_000)}}}" },
    };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_written_is_read_back_bit_for_bit()
    {
        IReadOnlyList<NamedArray> read = Read(Written());
        Assert.Equal(Arrays.Length, read.Count);
        foreach (NamedArray array in Arrays)
        {
            NamedArray found = Assert.Single(read, a => a.Name == array.Name);
            Assert.Equal(array.Type, found.Type);
            Assert.Equal(array.Shape, found.Shape);
            Assert.Equal(array.Data, found.Data);
        }
    }

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        byte[] file = Written([new("a", "U8", [3], [7, 8, 9])]);
        const string Header = """{"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""";
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(file) % 8);
        Assert.Equal(Header, Encoding.UTF8.GetString(file[8..^3]).TrimEnd(' '));
        Assert.Equal([7, 8, 9], file[^3..]);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_header_is_invalid_data(string what, string header)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(File(header)));
        Assert.True(error.Message.Length is > 10 and < 2000, what);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(7UL)]
    [InlineData(1000UL)]
    [InlineData(100_000_001UL)]
    [InlineData(0x7FFFFFFFFFFFFFFFUL)]
    [InlineData(0xFFFFFFFFFFFFFFFFUL)]
    public void A_length_that_does_not_fit_is_invalid_data_and_takes_no_memory(ulong length)
    {
        byte[] file = File("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""");
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => Read(file));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void A_file_cut_off_anywhere_or_with_a_byte_too_many_is_invalid_data()
    {
        byte[] whole = Written();
        for (int length = 0; length < whole.Length; length++)
            Assert.Throws<InvalidDataException>(() => Read(whole[..length]));
        Assert.Throws<InvalidDataException>(() => Read([.. whole, 0]));
    }

    [Fact]
    public void A_flipped_bit_anywhere_in_the_header_is_invalid_data_or_leaves_the_data_in_place()
    {
        byte[] whole = Written();
        byte[] data = [.. Arrays.SelectMany(a => a.Data)];
        int refused = 0, read = 0;
        for (int at = 0; at < whole.Length - data.Length; at++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] flipped = [.. whole];
                flipped[at] ^= (byte)(1 << bit);
                try
                {
                    Assert.Equal(data, Read(flipped).SelectMany(a => a.Data));
                    read++;
                }
                catch (InvalidDataException)
                {
                    refused++;
                }
            }
        }

        Assert.True(refused > read, $"{refused} refused, {read} read"); // names and metadata may change unseen: checksums are the manifest's part
    }

    private static byte[] File(string header)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + text.Length + 8];
        BinaryPrimitives.WriteInt64LittleEndian(file, text.Length);
        text.CopyTo(file, 8);
        return file;
    }

    private static byte[] Written(NamedArray[]? arrays = null)
    {
        using var stream = new MemoryStream();
        SafeTensors.Write(stream, arrays ?? Arrays, new Dictionary<string, string> { ["format"] = "pt" });
        return stream.ToArray();
    }

    private IReadOnlyList<NamedArray> Read(byte[] file) => SafeTensors.Read(folder.File("x.safetensors", file));
}
