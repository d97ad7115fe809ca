using System.Globalization;
using System.Text.Json.Nodes;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Configs;

/// <summary><c>sweep.shapes</c>: a list of mappings with layers, width and heads, each optional.</summary>
internal sealed class ShapesKey() : ConfigKey("sweep.shapes", "Model sizes, e.g. {layers: 4, width: 128}; what is left out comes from model, and heads keep the model's head width.")
{
    private static readonly string[] Members = ["layers", "width", "heads"];

    public override SweepConfig Read(SweepConfig config, ConfigNode node, ConfigSource source)
    {
        if (node is not ListNode list)
        {
            ReportKind(source, node, "a list", "write - {layers: 4, width: 128}");
            return config;
        }
        SweepShape[] shapes = [.. list.Items.Select(item => Shape(item, source))];
        return config with { Sweep = config.Sweep with { Shapes = shapes } };
    }

    public override ConfigNode Argument(string text, ConfigSource source) =>
        YamlTree.Parse(text, source) is { } node ? Placeless(node) : new ListNode(0, 0, 1, []);

    public override string Format(SweepConfig config) =>
        $"[{string.Join(", ", config.Sweep.Shapes.Select(s => $"{{{string.Join(", ", Parts(s))}}}"))}]";

    public override JsonObject Schema()
    {
        JsonObject members = [];
        foreach (string member in Members)
            members[member] = Type(member).Schema();
        return new()
        {
            ["type"] = "array",
            ["items"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = members },
        };
    }

    private SweepShape Shape(ConfigNode item, ConfigSource source)
    {
        var shape = new SweepShape();
        if (item is not MapNode map)
        {
            ReportKind(source, item, "a list of mappings", "write {layers: 4, width: 128}");
            return shape;
        }
        var seen = new HashSet<string>();
        foreach ((ScalarNode key, ConfigNode value) in map.Entries)
        {
            if (!Members.Contains(key.Text))
                source.Report("SL0312", key, $"unknown key '{key.Text}' in {Path}", Suggestions.DidYouMean(key.Text, Members) ?? "a shape has layers, width and heads");
            else if (!seen.Add(key.Text))
                source.Report("SL0313", key, $"key '{key.Text}' comes twice in one shape", "remove one of them");
            else if (value is not ScalarNode scalar)
                ReportKind(source, value, "a list of mappings from a name to a number");
            else if (Type(key.Text).Parse(scalar) is { Problem: not null } wrong)
                Report(source, scalar, wrong);
            else
                shape = With(shape, key.Text, Type(key.Text).Parse(scalar).Value);
        }
        return shape;
    }

    private static SweepShape With(SweepShape shape, string member, int value) => member switch
    {
        "layers" => shape with { Layers = value },
        "width" => shape with { Width = value },
        _ => shape with { Heads = value },
    };

    private static ValueType<int> Type(string member) => member switch
    {
        "layers" => SweepConfigKeys.Layers,
        "width" => SweepConfigKeys.Width,
        _ => SweepConfigKeys.Heads,
    };

    private static IEnumerable<string> Parts(SweepShape shape)
    {
        if (shape.Layers is { } layers)
            yield return string.Create(CultureInfo.InvariantCulture, $"layers: {layers}");
        if (shape.Width is { } width)
            yield return string.Create(CultureInfo.InvariantCulture, $"width: {width}");
        if (shape.Heads is { } heads)
            yield return string.Create(CultureInfo.InvariantCulture, $"heads: {heads}");
    }

    /// <summary>The tree without places: those inside a flag's argument would look like places in the file.</summary>
    private static ConfigNode Placeless(ConfigNode node) => node switch
    {
        ScalarNode scalar => scalar with { Line = 0, Column = 0 },
        ListNode list => list with { Line = 0, Column = 0, Items = [.. list.Items.Select(Placeless)] },
        MapNode map => map with { Line = 0, Column = 0, Entries = [.. map.Entries.Select(e => ((ScalarNode)Placeless(e.Key), Placeless(e.Value)))] },
        _ => node,
    };
}
