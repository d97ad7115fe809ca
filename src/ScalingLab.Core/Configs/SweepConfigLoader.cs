using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Configs;

/// <summary>Reads a sweep file and the <c>--set</c> flags over it into a <see cref="SweepConfig"/>, or reports all that is wrong with them at once.</summary>
public static class SweepConfigLoader
{
    /// <summary>The effective config: flags over file over defaults.</summary>
    /// <param name="path">YAML file.</param>
    /// <param name="setOverrides">Arguments of <c>--set</c>, each <c>dotted.key=value</c>; a list is written <c>1,2,3</c>.</param>
    /// <exception cref="UserErrorException">Exit code <see cref="ExitCode.Config"/>, with every problem in the order of its place.</exception>
    public static SweepConfig Load(string path, IReadOnlyList<string> setOverrides) => LoadWithOrigins(path, setOverrides).Config;

    /// <summary>The effective config and where each of its values comes from.</summary>
    /// <exception cref="UserErrorException">As <see cref="Load"/>.</exception>
    public static LoadedConfig LoadWithOrigins(string path, IReadOnlyList<string> setOverrides) =>
        Parse(YamlTree.Decode(ReadFile(path), path), path, setOverrides);

    /// <summary>The same from text that is already at hand.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="path">Name of the file in messages; without its extension, the sweep's default name.</param>
    /// <param name="setOverrides">As in <see cref="Load"/>.</param>
    /// <exception cref="UserErrorException">As <see cref="Load"/>.</exception>
    public static LoadedConfig Parse(string text, string path, IReadOnlyList<string> setOverrides)
    {
        var reader = new SweepConfigReader(path, text);
        reader.ReadFile();
        foreach (string argument in setOverrides)
            reader.ReadFlag(argument);
        return reader.Finish();
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > YamlTree.LargestFile)
                throw NotRead(path, "SL0304", $"the file has {file.Length:N0} bytes; at most {YamlTree.LargestFile:N0} are read", "is this the corpus rather than the config?");
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw NotRead(path, "SL0302", $"there is no file '{path}'", Neighbour(path));
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(path))
        {
            throw NotRead(path, "SL0302", $"'{path}' is a folder, not a config file", null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw NotRead(path, "SL0302", $"'{path}' cannot be read: {e.Message.TrimEnd('.')}", null);
        }
    }

    private static UserErrorException NotRead(string path, string code, string message, string? help) =>
        new(ExitCode.Config, new Diagnostic(code, message, code == "SL0304" ? new SourceLocation(path, 0, 0) : null, help));

    /// <summary>A config file near by with a similar name.</summary>
    private static string? Neighbour(string path)
    {
        string folder = Path.GetDirectoryName(path) is { Length: > 0 } named ? named : ".";
        if (!Directory.Exists(folder))
            return null;
        IEnumerable<string> names = Directory.EnumerateFiles(folder, "*.y*ml").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);
        return Suggestions.DidYouMean(Path.GetFileName(path), names);
    }
}
