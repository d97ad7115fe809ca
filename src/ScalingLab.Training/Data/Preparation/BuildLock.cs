namespace ScalingLab.Training.Data;

/// <summary>An advisory lock between processes: an open file that no one else may open. The system frees it when the holder dies.</summary>
internal static class BuildLock
{
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
            catch (IOException) when (File.Exists(path))
            {
                Thread.Sleep(Pause);
            }
        }
    }
}
