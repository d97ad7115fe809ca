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

    /// <summary>Where token files are kept: SCALINGLAB_CACHE, else the user's cache folder, else the temporary folder.</summary>
    public static string TokenCacheFolder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("SCALINGLAB_CACHE") is { Length: > 0 } chosen)
                return chosen;
            string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            if (string.IsNullOrEmpty(cache) && Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home && Directory.Exists(home))
                cache = Path.Combine(home, ".cache");
            return Path.Combine(string.IsNullOrEmpty(cache) ? Path.GetTempPath() : cache, "scalinglab", "tokens");
        }
    }
}
