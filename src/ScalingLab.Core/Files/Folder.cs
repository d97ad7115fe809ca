using System.Runtime.InteropServices;

namespace ScalingLab.Core.Files;

/// <summary>What .NET lacks about folders.</summary>
public static partial class Folder
{
    private const int ReadOnly = 0; // O_RDONLY is 0 on every Unix, and a folder opens no other way.

    /// <summary>Forces the folder's entries to the disk, so that renames and new names in it outlive a power loss. Does nothing on Windows.</summary>
    /// <param name="path">A folder.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Sync(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        int handle = Open(path, ReadOnly);
        if (handle < 0)
            throw Failure("open", path);
        try
        {
            // Some network file systems cannot sync a folder and answer EINVAL: there is nothing more to be done then.
            const int InvalidArgument = 22;
            if (SyncHandle(handle) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
                throw Failure("fsync", path);
        }
        finally
        {
            _ = Close(handle);
        }
    }

    private static IOException Failure(string call, string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} of folder '{path}': {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncHandle(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int handle);
}
