using System.Diagnostics;

namespace ScalingLab.Training.Tests;

/// <summary>A file system of a few kilobytes in memory; needs the right to mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(int kilobytes) => Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "scalinglab-test", Path);

    public string Path { get; } = Directory.CreateTempSubdirectory("scalinglab-disk-").FullName;

    /// <summary>Leaves so many bytes free.</summary>
    public void FillUpTo(long freeBytes)
    {
        string filler = System.IO.Path.Combine(Path, "filler");
        File.Delete(filler);
        long free = new DriveInfo(Path).AvailableFreeSpace;
        using FileStream file = File.Create(filler);
        file.Write(new byte[Math.Max(0, free - freeBytes)]);
    }

    public void MakeReadOnly() => Run("mount", "-o", "remount,ro", Path);

    public void Resize(int kilobytes) => Run("mount", "-o", $"remount,size={kilobytes}k", Path);

    public void Dispose()
    {
        Run("umount", Path);
        Directory.Delete(Path);
    }

    public static bool Available { get; } = Try();

    private static bool Try()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return false;
        try
        {
            new SmallDisk(64).Dispose();
            return true;
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException(error);
    }
}

/// <summary>A test that mounts a small file system; skipped where that is not allowed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute()
    {
        if (!SmallDisk.Available)
            Skip = "needs the right to mount a tmpfs";
    }
}
