using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ScalingLab.Training.Data;

/// <summary>Remembers the SHA-256 of a corpus by path, size and time of change, so that an unchanged file is not read again.</summary>
/// <remarks>A wrong or missing entry costs one reading of the corpus; an entry is trusted only while size and time are those of the file.</remarks>
internal static class CorpusIndex
{
    private sealed record Entry(string Path, long Bytes, long ChangedTicks, string Sha256);

    /// <summary>The SHA-256 on record; null when there is none for the file as it is now.</summary>
    public static string? Find(string cacheDirectory, string path)
    {
        try
        {
            Entry? entry = JsonSerializer.Deserialize<Entry>(File.ReadAllBytes(PlaceOf(cacheDirectory, path)));
            return entry is not null && entry == Now(path, entry.Sha256) && entry.Sha256 is { Length: 64 } ? entry.Sha256 : null;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Puts the SHA-256 of a file on record.</summary>
    /// <param name="cacheDirectory">The cache.</param>
    /// <param name="before">What <see cref="Stamp"/> gave before the file was read: a change meanwhile leaves no record.</param>
    /// <param name="path">The corpus.</param>
    /// <param name="sha256">Its SHA-256.</param>
    public static void Record(string cacheDirectory, (long, long) before, string path, string sha256)
    {
        if (Stamp(path) != before) return;
        string place = PlaceOf(cacheDirectory, path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(place)!);
        string temporary = $"{place}.{Guid.NewGuid():n}.tmp";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(Now(path, sha256)));
        File.Move(temporary, place, overwrite: true);
    }

    /// <summary>Size and time of change.</summary>
    public static (long Bytes, long ChangedTicks) Stamp(string path)
    {
        var file = new FileInfo(path);
        return (file.Length, file.LastWriteTimeUtc.Ticks);
    }

    private static Entry Now(string path, string sha256)
    {
        (long bytes, long changed) = Stamp(path);
        return new(System.IO.Path.GetFullPath(path), bytes, changed, sha256);
    }

    private static string PlaceOf(string cacheDirectory, string path)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(System.IO.Path.GetFullPath(path)));
        return System.IO.Path.Combine(cacheDirectory, "index", Convert.ToHexStringLower(hash.AsSpan(0, 12)) + ".json");
    }
}
