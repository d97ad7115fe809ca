using System.Text.Json.Nodes;

namespace ScalingLab.Core.Configs;

/// <summary>One key of the config: how it is read, written and described. The table of them is <see cref="SweepConfigKeys"/>.</summary>
/// <param name="path">Dotted path, e.g. <c>training.schedule.kind</c>.</param>
/// <param name="summary">One line for the JSON schema.</param>
internal abstract class ConfigKey(string path, string summary)
{
    /// <summary>Dotted path.</summary>
    public string Path { get; } = path;

    /// <summary>One line that describes it.</summary>
    public string Summary { get; } = summary;

    /// <summary>Name without its sections.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    /// <summary>Whether <c>sweep.grid</c> may vary it: it decides a run's result, is a single value, and no other axis sets it.</summary>
    public virtual bool InGrid => false;

    /// <summary>The config with this key taken from a node; unchanged when the node is wrong, which the source then knows.</summary>
    public abstract SweepConfig Read(SweepConfig config, ConfigNode node, ConfigSource source);

    /// <summary>The node of a <c>--set</c> argument.</summary>
    public virtual ConfigNode Argument(string text, ConfigSource source) => new ScalarNode(0, 0, text, Quoted: false);

    /// <summary>The value as YAML in flow style.</summary>
    public abstract string Format(SweepConfig config);

    /// <summary>JSON schema of the value.</summary>
    public abstract JsonObject Schema();

    /// <summary>Reports one wrong value: type and range have codes of their own.</summary>
    protected void Report<T>(ConfigSource source, ScalarNode node, Parsed<T> parsed) => source.Report(
        parsed.OutOfRange ? "SL0315" : "SL0314",
        node,
        node.IsNull ? $"{Path} has no value; it must be {parsed.Problem}" : $"{Path} is {Shown(node, parsed.OutOfRange)}; it must be {parsed.Problem}",
        parsed.Help);

    /// <summary>Reports a node of another kind than the key takes.</summary>
    protected void ReportKind(ConfigSource source, ConfigNode node, string wanted, string? help = null)
    {
        string found = node switch { MapNode => "a mapping", ListNode => "a list", _ => "a single value" };
        source.Report("SL0314", node, $"{Path} is {found}; it must be {wanted}", help);
    }

    private static string Shown(ScalarNode node, bool number)
    {
        string text = node.Text.Length > 60 ? node.Text[..60] + "…" : node.Text;
        return number ? text : $"'{text}'";
    }
}

/// <summary>A key that holds a single value.</summary>
internal sealed class ValueKey<T>(string path, string summary, ValueType<T> type, Func<SweepConfig, T> get, Func<SweepConfig, T, SweepConfig> set, bool inGrid)
    : ConfigKey(path, summary)
{
    public override bool InGrid => inGrid;

    public override SweepConfig Read(SweepConfig config, ConfigNode node, ConfigSource source)
    {
        if (node is not ScalarNode scalar)
        {
            ReportKind(source, node, "a single value", InGrid && node is ListNode ? $"to try several values, list them under sweep.grid: {Path}" : null);
            return config;
        }
        // A key with nothing after it: text may be empty only in quotes.
        Parsed<T> parsed = scalar.IsNull && type is FreeText ? new(default, "text", "write \"\" for no text") : type.Parse(scalar);
        if (parsed.Problem is null)
            return set(config, parsed.Value!);
        Report(source, scalar, parsed);
        return config;
    }

    public override string Format(SweepConfig config) => type.Format(get(config));

    public override JsonObject Schema() => type.Schema();
}

/// <summary>A key that holds a list of values.</summary>
internal sealed class ListKey<T>(string path, string summary, ValueType<T> type, Func<SweepConfig, IReadOnlyList<T>> get, Func<SweepConfig, IReadOnlyList<T>, SweepConfig> set)
    : ConfigKey(path, summary)
{
    public override SweepConfig Read(SweepConfig config, ConfigNode node, ConfigSource source)
    {
        if (node is not ListNode list)
        {
            ReportKind(source, node, "a list", node is ScalarNode { IsNull: false } one ? $"write [{one.Text}]" : null);
            return config;
        }
        var values = new List<T>();
        bool good = true;
        foreach (ConfigNode item in list.Items)
        {
            if (item is not ScalarNode scalar)
            {
                ReportKind(source, item, "a list of single values");
                good = false;
                continue;
            }
            Parsed<T> parsed = type.Parse(scalar);
            if (parsed.Problem is null)
                values.Add(parsed.Value!);
            else
                Report(source, scalar, parsed);
            good &= parsed.Problem is null;
        }
        return good ? set(config, values) : config;
    }

    /// <summary><c>[1, 2]</c> and <c>1,2</c> are both a list.</summary>
    public override ConfigNode Argument(string text, ConfigSource source)
    {
        string inner = text.Trim();
        if (inner.StartsWith('[') && inner.EndsWith(']'))
            inner = inner[1..^1];
        ScalarNode[] items = [.. inner.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(i => new ScalarNode(0, 0, i, false))];
        return new ListNode(0, 0, 1 + items.Length, items);
    }

    public override string Format(SweepConfig config) => $"[{string.Join(", ", get(config).Select(type.Format))}]";

    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = type.Schema() };
}
