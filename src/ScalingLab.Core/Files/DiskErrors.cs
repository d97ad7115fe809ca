using System.Globalization;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Files;

/// <summary>Tells the faults of a disk from other exceptions, and says what the user can do.</summary>
public static class DiskErrors
{
    // Linux errno values, which .NET keeps in IOException.HResult when it has no exception type of its own for them.
    private const int InputOutput = 5, Exists = 17, NoSpace = 28, ReadOnlyFileSystem = 30, Quota = 122;

    /// <summary>The user error for a full disk, a read-only or forbidden folder or a failing device; null for any other exception.</summary>
    /// <param name="error">What a write threw.</param>
    /// <param name="path">The file being written.</param>
    public static UserErrorException? Translate(Exception error, string path)
    {
        (string Code, string Message, string Help)? found = error switch
        {
            IOException { HResult: NoSpace } => ("SL0701", $"the disk is full: '{path}' could not be written", $"{FreeSpace(path)}; make room or give another folder with --runs, then resume"),
            IOException { HResult: Quota } => ("SL0701", $"the disk quota is used up: '{path}' could not be written", "make room or give another folder with --runs, then resume"),
            IOException { HResult: ReadOnlyFileSystem } => ("SL0702", $"the file system of '{path}' is read-only", "give another folder with --runs"),
            IOException { HResult: InputOutput } => ("SL0703", $"the device failed while '{path}' was written", "look at the system's log before trusting this disk"),
            IOException { HResult: Exists } or DirectoryNotFoundException => ("SL0704", $"'{path}' cannot be written: a folder of that path is missing or is a file", "give another folder with --runs"),
            UnauthorizedAccessException => ("SL0702", $"no permission to write '{path}'", "give another folder with --runs, or mend the folder's permissions"),
            _ => null,
        };
        return found is { } f ? new UserErrorException(ExitCode.Disk, new Diagnostic(f.Code, f.Message, null, f.Help), error) : null;
    }

    private static string FreeSpace(string path)
    {
        try
        {
            double free = new DriveInfo(Path.GetFullPath(path)).AvailableFreeSpace;
            return string.Create(CultureInfo.InvariantCulture, $"{free / 1e6:F1} MB are free there");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "its free space cannot be read";
        }
    }
}
