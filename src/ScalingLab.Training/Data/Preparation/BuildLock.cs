namespace ScalingLab.Training.Data;

/// <summary>An advisory lock between processes: an open file that no one else may open. The system frees it when the holder dies.</summary>
internal static class BuildLock
{
    // Any other failure, such as a read-only disk, would be waited on for ever.
    private const int Held = 11, HeldOnWindows = unchecked((int)0x80070020); // EWOULDBLOCK of flock(2); ERROR_SHARING_VIOLATION

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits for the lock; disposing gives it back. The empty file stays.</summary>
    public static IDisposable Take(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException error) when (error.HResult is Held or HeldOnWindows)
            {
                Thread.Sleep(Pause);
            }
        }
    }
}
