using System.Reflection;

namespace ScalingLab.Cli;

/// <summary>What this program is and where it keeps things.</summary>
internal static class ProgramInfo
{
    private static readonly string Informational =
        typeof(ProgramInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    /// <summary>Version, e.g. 0.1.0.</summary>
    public static string Version => Informational.Split('+')[0];

    /// <summary>Commit of the source that it was built from; null when unknown.</summary>
    public static string? Commit => Informational.Split('+') is [_, { Length: > 0 } commit] ? commit : null;

    /// <summary>The folder with configs/ and data/, found from the program's own folder upward; null for a program that stands alone.</summary>
    public static string? Root
    {
        get
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (Directory.Exists(System.IO.Path.Combine(folder.FullName, "data", "corpora")))
                    return folder.FullName;
            }

            return null;
        }
    }

    /// <summary>Where token files are kept: SCALINGLAB_CACHE, else the user's cache folder, else the temporary folder.</summary>
    public static string TokenCacheFolder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("SCALINGLAB_CACHE") is { Length: > 0 } chosen)
                return chosen;
            string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            if (string.IsNullOrEmpty(cache) && Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home && Directory.Exists(home))
                cache = System.IO.Path.Combine(home, ".cache");
            return System.IO.Path.Combine(string.IsNullOrEmpty(cache) ? System.IO.Path.GetTempPath() : cache, "scalinglab", "tokens");
        }
    }

    /// <summary>Finds a file named in a config: in the working folder, beside the config, then in the program's root.</summary>
    /// <returns>The first that exists, made absolute; the name itself when none does, so that the error names what the user wrote.</returns>
    public static string Find(string path, string configFile)
    {
        string?[] folders = [Environment.CurrentDirectory, System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(configFile)), Root];
        return folders.Where(f => f is not null).Select(f => System.IO.Path.GetFullPath(System.IO.Path.Combine(f!, path))).FirstOrDefault(File.Exists) ?? path;
    }
}
