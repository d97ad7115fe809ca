using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace ScalingLab.Training.Checkpoints;

/// <summary>One named array of a safetensors file.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Type as the format spells it: F32, F64, BF16, I64, U8.</param>
/// <param name="Shape">Sizes.</param>
/// <param name="Data">Row-major little-endian bytes.</param>
public sealed record NamedArray(string Name, string Type, long[] Shape, byte[] Data);

/// <summary>The safetensors format: u64 length, a JSON header padded to 8 bytes, then the arrays back to back.</summary>
/// <remarks>github.com/huggingface/safetensors, README "Format". Reading trusts nothing: every violation is an <see cref="InvalidDataException"/>.</remarks>
public static class SafeTensors
{
    private const int MaxHeaderBytes = 100_000_000; // the format's own bound

    private static readonly Dictionary<string, int> ElementBytes = new() { ["F32"] = 4, ["F64"] = 8, ["BF16"] = 2, ["F16"] = 2, ["I64"] = 8, ["I32"] = 4, ["U8"] = 1, ["BOOL"] = 1 };

    /// <summary>Writes arrays in the given order, with metadata under <c>__metadata__</c>.</summary>
    public static void Write(Stream stream, IReadOnlyList<NamedArray> arrays, IReadOnlyDictionary<string, string> metadata)
    {
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach ((string key, string value) in metadata)
                json.WriteString(key, value);
            json.WriteEndObject();
            long offset = 0;
            foreach (NamedArray array in arrays)
            {
                json.WriteStartObject(array.Name);
                json.WriteString("dtype", array.Type);
                json.WriteStartArray("shape");
                foreach (long size in array.Shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += array.Data.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (header.Length % 8 != 0)
            header.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        header.WriteTo(stream);
        foreach (NamedArray array in arrays)
            stream.Write(array.Data);
    }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="InvalidDataException">The file is not what the format allows; the message says where.</exception>
    public static IReadOnlyList<NamedArray> Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> lengthBytes = stackalloc byte[8];
        if (file.Length < 8)
            throw new InvalidDataException($"{file.Length} bytes are too few for a safetensors file");
        file.ReadExactly(lengthBytes);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        if (length > MaxHeaderBytes || (long)length > file.Length - 8)
            throw new InvalidDataException($"a header of {length} bytes does not fit a file of {file.Length}");
        var headerBytes = new byte[(int)length];
        file.ReadExactly(headerBytes);
        List<(string Name, string Type, long[] Shape, long Start, long End)> entries = ParseHeader(headerBytes);
        long expected = 0;
        var arrays = new List<NamedArray>();
        foreach ((string name, string type, long[] shape, long start, long end) in entries.OrderBy(e => e.Start).ThenBy(e => e.End))
        {
            if (start != expected)
                throw new InvalidDataException($"'{name}' starts at byte {start}; the arrays before it end at {expected}");
            if (end < start)
                throw new InvalidDataException($"'{name}' ends at byte {end}, before its start");
            CheckSize(name, type, shape, end - start);
            if (end > file.Length - 8 - (long)length)
                throw new InvalidDataException($"'{name}' ends at byte {end}, past the end of the file");
            if (end - start > Array.MaxLength)
                throw new InvalidDataException($"'{name}' has {end - start} bytes, more than this program reads into one array");
            var data = new byte[(int)(end - start)];
            file.ReadExactly(data);
            arrays.Add(new NamedArray(name, type, shape, data));
            expected = end;
        }

        if (expected != file.Length - 8 - (long)length)
            throw new InvalidDataException($"{file.Length - 8 - (long)length - expected} bytes follow the last array");
        return arrays;
    }

    private static List<(string Name, string Type, long[] Shape, long Start, long End)> ParseHeader(byte[] bytes)
    {
        var entries = new List<(string, string, long[], long, long)>();
        try
        {
            using JsonDocument json = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 8 });
            var names = new HashSet<string>();
            foreach (JsonProperty entry in json.RootElement.EnumerateObject())
            {
                if (entry.Name == "__metadata__")
                    continue;
                if (!names.Add(entry.Name))
                    throw new InvalidDataException($"'{entry.Name}' appears twice");
                long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())];
                JsonElement offsets = entry.Value.GetProperty("data_offsets");
                if (offsets.GetArrayLength() != 2)
                    throw new InvalidDataException($"'{entry.Name}' has no pair of offsets");
                entries.Add((entry.Name, entry.Value.GetProperty("dtype").GetString() ?? "", shape, offsets[0].GetInt64(), offsets[1].GetInt64()));
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or DecoderFallbackException)
        {
            throw new InvalidDataException($"the header is not valid: {error.Message}", error);
        }

        return entries;
    }

    private static void CheckSize(string name, string type, long[] shape, long bytes)
    {
        if (!ElementBytes.TryGetValue(type, out int elementBytes))
            throw new InvalidDataException($"'{name}' has the unknown type '{type}'");
        Int128 expected = elementBytes;
        foreach (long size in shape)
        {
            if (size < 0 || expected > long.MaxValue)
                throw new InvalidDataException($"'{name}' has an impossible shape [{string.Join(", ", shape)}]");
            expected *= size;
        }

        if (expected != bytes)
            throw new InvalidDataException($"'{name}' {type}[{string.Join(", ", shape)}] takes {expected} bytes; its offsets span {bytes}");
    }
}
