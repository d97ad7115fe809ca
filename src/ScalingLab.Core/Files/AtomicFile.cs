namespace ScalingLab.Core.Files;

/// <summary>Whole-file writes that a reader or a crash sees either entirely or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Replaces a file's content.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="bytes">All of its content.</param>
    /// <param name="durable">Wait until it is on the disk; false for what can be made again, of which there may be thousands.</param>
    /// <exception cref="Diagnostics.UserErrorException">Exit code <see cref="ExitCode.Disk"/>: the disk is full or the folder cannot be written. The old content is intact.</exception>
    /// <remarks>
    /// 1. Write a temporary file in the same folder, since a rename is atomic within one file system only.
    /// 2. Sync it: a rename may reach the disk before the data, and after a power loss the name would show an empty file.
    /// 3. Rename it over the file.
    /// 4. Sync the folder: until then the rename itself may be lost.
    /// </remarks>
    public static void Write(string path, ReadOnlySpan<byte> bytes, bool durable = true)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}-{Guid.NewGuid():N}.tmp");
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: durable);
            }
            File.Move(temporary, path, overwrite: true);
            if (durable)
                Folder.Sync(folder);
        }
        catch (Exception e) when (DiskErrors.Translate(e, path) is { } error)
        {
            throw error;
        }
        finally
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
        }
    }
}
