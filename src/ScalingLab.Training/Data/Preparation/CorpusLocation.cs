using ScalingLab.Core.Configs;

namespace ScalingLab.Training.Data;

/// <summary>Finds the file that a config's <c>corpus.path</c> means.</summary>
public static class CorpusLocation
{
    /// <summary>The path as given when it exists from the working folder; else from the config file's folder; else from the program's folder or one above it.</summary>
    /// <param name="path">Path of the config, absolute or relative.</param>
    /// <param name="configFile">The config file; null when there is none.</param>
    /// <returns>An existing path, absolute; or the one given when there is none, so that the error names what the user wrote.</returns>
    public static string Resolve(string path, string? configFile = null)
    {
        if (File.Exists(path)) return Path.GetFullPath(path);
        if (Path.IsPathRooted(path)) return path;
        if (configFile is not null && Below(Path.GetDirectoryName(Path.GetFullPath(configFile)), path) is { } beside) return beside;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Below(folder.FullName, path) is { } found) return found;
        return path;
    }

    /// <summary>A config whose files are found: corpus, tokenizer and held-out shard.</summary>
    public static CorpusConfig Resolve(CorpusConfig config, string? configFile = null) => config with
    {
        Path = Resolve(config.Path, configFile),
        TokenizerFile = config.TokenizerFile is { } tokenizer ? Resolve(tokenizer, configFile) : null,
        HeldOutPath = config.HeldOutPath is { } heldOut ? Resolve(heldOut, configFile) : null,
    };

    private static string? Below(string? folder, string path)
    {
        if (folder is null) return null;
        string candidate = Path.GetFullPath(Path.Combine(folder, path));
        return File.Exists(candidate) ? candidate : null;
    }
}
