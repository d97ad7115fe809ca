using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ScalingLab.Core.Files;

namespace ScalingLab.Core.Runs;

/// <summary>Appends JSON objects to a file, each line by one write call: a kill tears no line but the last.</summary>
public sealed class JsonLinesWriter<T> : IDisposable
{
    private readonly string path;
    private readonly JsonTypeInfo<T> type;
    private readonly RunClaim? claim;
    private readonly FileStream file;

    /// <summary>Opens a file to append to, and makes it when there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">How to write a line.</param>
    /// <param name="claim">Checked before each line; null where no other process can own the file.</param>
    /// <exception cref="Diagnostics.UserErrorException">The disk is full or the folder cannot be written.</exception>
    public JsonLinesWriter(string path, JsonTypeInfo<T> type, RunClaim? claim = null)
    {
        (this.path, this.type, this.claim) = (path, type, claim);
        claim?.Check();
        try
        {
            // Without a buffer of the stream's own, each Write is one system call.
            file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (DiskErrors.Translate(e, path) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Writes one line.</summary>
    /// <exception cref="ClaimLostException">Another attempt owns the run.</exception>
    /// <exception cref="Diagnostics.UserErrorException">The disk is full.</exception>
    /// <exception cref="ArgumentException">A number is not finite: such a one is written as null.</exception>
    public void Append(T entry)
    {
        byte[] line = JsonSerializer.SerializeToUtf8Bytes(entry, type);
        Array.Resize(ref line, line.Length + 1);
        line[^1] = (byte)'\n';
        claim?.Check();
        Guarded(() => file.Write(line));
    }

    /// <summary>Forces all lines to the disk: before a checkpoint that counts on them is published.</summary>
    public void Sync() => Guarded(() => file.Flush(flushToDisk: true));

    /// <summary>Drops every line from the first that <paramref name="isLater"/> holds for, and a torn end: what is left equals the log of a run that was never interrupted.</summary>
    public static void Truncate(string path, JsonTypeInfo<T> type, Func<T, bool> isLater)
    {
        JsonLines<T> lines = JsonLines<T>.Read(path, type);
        int kept = lines.Entries.TakeWhile(e => !isLater(e)).Count();
        long end = kept == 0 ? 0 : lines.Ends[kept - 1];
        if (!File.Exists(path))
            return;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            file.SetLength(end);
            file.Position = end;
            if (end > 0)
                file.WriteByte((byte)'\n'); // The tear may have fallen right before it.
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (DiskErrors.Translate(e, path) is { } error)
        {
            throw error;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void Guarded(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (DiskErrors.Translate(e, path) is { } error)
        {
            throw error;
        }
    }
}
