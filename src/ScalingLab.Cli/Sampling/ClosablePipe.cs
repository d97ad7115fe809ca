using Microsoft.Win32.SafeHandles;

namespace ScalingLab.Cli.Sampling;

/// <summary>Standard output that fails once nobody reads it any more; .NET's own console stream goes on in silence.</summary>
internal static class ClosablePipe
{
    /// <summary>Opens standard output; each write is one call, and throws an <see cref="IOException"/> (EPIPE) on a closed pipe.</summary>
    public static Stream Open()
    {
        var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        if (!pipe.CanSeek)
            return pipe;
        pipe.Dispose(); // a file: it has no reader to lose, and FileStream would not move the place where the next process goes on
        return Console.OpenStandardOutput();
    }
}
