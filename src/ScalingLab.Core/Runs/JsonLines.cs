using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Runs;

/// <summary>A file of one JSON object a line, as far as it is whole.</summary>
/// <param name="Entries">The objects.</param>
/// <param name="Ends">Byte offset just past each object, its newline not included.</param>
/// <param name="IsTorn">After the last entry there are bytes of a line that was never finished.</param>
public sealed record JsonLines<T>(IReadOnlyList<T> Entries, IReadOnlyList<long> Ends, bool IsTorn)
{
    /// <summary>Reads a file; one that is not there has no lines.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">How to read a line.</param>
    /// <exception cref="UserErrorException">A line before the last one is no such object: <see cref="ExitCode.CorruptData"/>.</exception>
    /// <remarks>A crash or a power loss tears at most the end of a file that is only appended to. Damage before it has another cause, and is not passed over.</remarks>
    public static JsonLines<T> Read(string path, JsonTypeInfo<T> type)
    {
        byte[] bytes = ReadShared(path);
        var entries = new List<T>();
        var ends = new List<long>();
        for (int start = 0, line = 1; start < bytes.Length; line++)
        {
            int length = bytes.AsSpan(start).IndexOf((byte)'\n');
            bool last = length < 0 || start + length + 1 >= bytes.Length;
            int end = length < 0 ? bytes.Length : start + length;
            if (TryParse(bytes.AsSpan(start, end - start), type, out T? entry, out string problem))
            {
                entries.Add(entry!);
                ends.Add(end);
            }
            else if (last)
                return new(entries, ends, IsTorn: true);
            else
                throw Corrupt(path, line, bytes.AsSpan(start, end - start), problem);
            start = end + 1;
        }
        return new(entries, ends, IsTorn: false);
    }

    private static bool TryParse(ReadOnlySpan<byte> line, JsonTypeInfo<T> type, out T? entry, out string problem)
    {
        (entry, problem) = (default, "not an object");
        try
        {
            entry = JsonSerializer.Deserialize(line, type);
            return entry is not null;
        }
        catch (JsonException e)
        {
            problem = e.Message.Split(". ")[0].Split(" Path:")[0].TrimEnd('.');
            return false;
        }
    }

    private static UserErrorException Corrupt(string path, int line, ReadOnlySpan<byte> bytes, string problem)
    {
        var place = new SourceLocation(path, line, 0, Encoding.UTF8.GetString(bytes));
        return new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0601", $"damaged line: {problem}", place, "lines after it are whole, so this is no torn end; restore the file or remove the run"));
    }

    /// <summary>A living run may be writing while a report reads.</summary>
    private static byte[] ReadShared(string path)
    {
        if (!File.Exists(path))
            return [];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }
}
