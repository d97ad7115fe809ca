using System.Text.Json.Nodes;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Configs;

/// <summary><c>sweep.grid</c>: dotted paths of other keys, each with the values to try.</summary>
internal sealed class GridKey() : ConfigKey("sweep.grid", "Further keys to vary, as dotted path and values, e.g. training.learning_rate: [0.001, 0.002].")
{
    public override SweepConfig Read(SweepConfig config, ConfigNode node, ConfigSource source)
    {
        if (node is ScalarNode { IsNull: true })
            return config;
        if (node is not MapNode map)
        {
            ReportKind(source, node, "a mapping", "write training.learning_rate: [0.001, 0.002]");
            return config;
        }
        var grid = new Dictionary<string, IReadOnlyList<string>>();
        foreach ((ScalarNode key, ConfigNode value) in map.Entries)
        {
            if (grid.ContainsKey(key.Text))
                source.Report("SL0313", key, $"key '{key.Text}' comes twice in {Path}", "remove one of them");
            else if (Axis(key, source) is { } axis)
                grid[key.Text] = Values(axis, value, source);
        }
        return config with { Sweep = config.Sweep with { Grid = grid } };
    }

    public override ConfigNode Argument(string text, ConfigSource source)
    {
        source.Report("SL0320", new ScalarNode(0, 0, text, false), "sweep.grid cannot be set as a whole", "set one axis: --set sweep.grid.training.learning_rate=0.001,0.002");
        return new ScalarNode(0, 0, "", false);
    }

    /// <summary>Sets one axis, from <c>--set sweep.grid.PATH=a,b</c>.</summary>
    public SweepConfig ReadAxis(SweepConfig config, string path, string text, ConfigSource source)
    {
        if (Axis(new ScalarNode(0, 0, path, false), source) is not { } axis)
            return config;
        ScalarNode[] items = [.. text.Trim('[', ']', ' ').Split(',', StringSplitOptions.TrimEntries).Select(i => new ScalarNode(0, 0, i, false))];
        var grid = new Dictionary<string, IReadOnlyList<string>>(config.Sweep.Grid) { [path] = Values(axis, new ListNode(0, 0, items.Length, items), source) };
        return config with { Sweep = config.Sweep with { Grid = grid } };
    }

    public override string Format(SweepConfig config) => $"{{{string.Join(", ", config.Sweep.Grid.Select(a => $"{a.Key}: [{string.Join(", ", a.Value.Select(v => v == "null" ? v : YamlText.Quoted(v)))}]"))}}}";

    public override JsonObject Schema()
    {
        JsonObject axes = [];
        foreach (ConfigKey key in SweepConfigKeys.All.Where(k => k.InGrid))
            axes[key.Path] = new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = key.Schema() };
        return new() { ["type"] = new JsonArray("object", "null"), ["additionalProperties"] = false, ["properties"] = axes };
    }

    private static ConfigKey? Axis(ScalarNode path, ConfigSource source)
    {
        if (SweepConfigKeys.Find(path.Text) is { InGrid: true } key)
            return key;
        IEnumerable<string> axes = SweepConfigKeys.All.Where(k => k.InGrid).Select(k => k.Path);
        string? owner = path.Text switch
        {
            "training.seed" => "list the seeds in sweep.seeds",
            "training.tokens" => "list the token counts in sweep.tokens",
            _ => null,
        };
        source.Report(
            "SL0318",
            path,
            SweepConfigKeys.Find(path.Text) is null ? $"sweep.grid names '{path.Text}', which is no key" : $"sweep.grid cannot vary {path.Text}",
            owner ?? Suggestions.DidYouMean(path.Text, axes) ?? ByName(path.Text));
        return null;
    }

    /// <summary>The full path of a key given by its last name alone.</summary>
    private static string? ByName(string name) =>
        SweepConfigKeys.All.FirstOrDefault(k => k.InGrid && k.Name == name) is { } key ? $"did you mean '{key.Path}'?" : null;

    private static IReadOnlyList<string> Values(ConfigKey axis, ConfigNode node, ConfigSource source)
    {
        if (node is not ListNode { Items.Count: > 0 } list)
        {
            source.Report("SL0318", node, $"sweep.grid of {axis.Path} must be a list with at least one value", node is ScalarNode { IsNull: false } one ? $"write [{one.Text}]" : null);
            return [];
        }
        foreach (ConfigNode item in list.Items)
            axis.Read(new SweepConfig(), item, source);
        return [.. list.Items.OfType<ScalarNode>().Select(i => i.IsNull ? "null" : i.Text)];
    }
}
