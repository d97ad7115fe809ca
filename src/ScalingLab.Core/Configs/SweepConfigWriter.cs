using System.Text;

namespace ScalingLab.Core.Configs;

/// <summary>Writes a config back as YAML with every key, defaults included: the effective config.</summary>
public static class SweepConfigWriter
{
    /// <summary>YAML that loads to an equal config.</summary>
    /// <param name="config">The config.</param>
    /// <param name="comment">Text to put behind a key as a comment, by dotted path, such as its origin; null for none.</param>
    public static string ToYaml(SweepConfig config, Func<string, string?>? comment = null)
    {
        var yaml = new StringBuilder();
        string[] open = [];
        foreach (ConfigKey key in SweepConfigKeys.All)
        {
            string[] parts = key.Path.Split('.');
            string[] sections = parts[..^1];
            for (int depth = open.Zip(sections).TakeWhile(p => p.First == p.Second).Count(); depth < sections.Length; depth++)
                yaml.Append(' ', 2 * depth).Append(sections[depth]).Append(":\n");
            open = sections;
            yaml.Append(' ', 2 * sections.Length).Append(parts[^1]).Append(": ").Append(key.Format(config));
            if (comment?.Invoke(key.Path) is { Length: > 0 } words)
                yaml.Append("  # ").Append(words);
            yaml.Append('\n');
        }
        return yaml.ToString();
    }

    /// <summary><see cref="ToYaml(SweepConfig, Func{string, string?}?)"/> with the origin of each value behind it.</summary>
    public static string ToYamlWithOrigins(LoadedConfig loaded) =>
        ToYaml(loaded.Config, key => loaded.Origins.TryGetValue(key, out ConfigOrigin? origin) ? origin.ToString() : null);
}
