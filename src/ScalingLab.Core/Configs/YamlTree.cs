using System.Text;
using ScalingLab.Core.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ScalingLab.Core.Configs;

/// <summary>Parses YAML into <see cref="ConfigNode"/>s at the level of parser events, so that size, depth and aliases are bounded before anything is built.</summary>
/// <remarks>A deserializer recurses: 20,000 nested brackets overflow its stack and end the process.</remarks>
internal sealed class YamlTree
{
    /// <summary>Largest file, in bytes.</summary>
    public const int LargestFile = 1 << 20;

    /// <summary>Deepest nesting.</summary>
    public const int Deepest = 64;

    /// <summary>Most nodes, an alias counted as all that it stands for.</summary>
    public const int MostNodes = 100_000;

    private readonly IParser parser;
    private readonly ConfigSource source;
    private readonly Dictionary<string, ConfigNode> anchors = [];
    private int nodes;

    private YamlTree(string text, ConfigSource source) =>
        (parser, this.source) = (new Parser(new Scanner(new StringReader(text), skipComments: true)), source);

    /// <summary>The one document of a text; null when there is nothing in it.</summary>
    /// <exception cref="UserErrorException">It is not YAML, is too deep or too large, or holds more than one document.</exception>
    public static ConfigNode? Parse(string text, ConfigSource source)
    {
        var tree = new YamlTree(text, source);
        try
        {
            return tree.Document();
        }
        catch (YamlException e)
        {
            throw source.Fatal("SL0301", Place(e.Start), $"not valid YAML: {FirstLine(e.Message)}",
                text.Contains('\t') ? "YAML is indented by spaces; this file holds tabs" : null);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or OverflowException)
        {
            // YamlDotNet 16.3 leaves these to the caller on some broken flow sequences and escapes.
            throw source.Fatal("SL0301", tree.parser.Current is { } last ? Place(last.Start) : (0, 0), "not valid YAML from here on", null);
        }
    }

    /// <summary>UTF-8 text of a file's bytes, a byte-order mark dropped.</summary>
    /// <exception cref="UserErrorException">The bytes are too many or no UTF-8.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.Length > LargestFile)
            throw new UserErrorException(ExitCode.Config, new Diagnostic("SL0304", $"the file has more than {LargestFile:N0} bytes", new SourceLocation(file, 0, 0)));
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new UserErrorException(ExitCode.Config, new Diagnostic("SL0301", "the file is not UTF-8 text", new SourceLocation(file, 0, 0)), e);
        }
    }

    private ConfigNode? Document()
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
            return null;
        parser.Consume<DocumentStart>();
        ConfigNode root = Node(1);
        parser.Consume<DocumentEnd>();
        if (parser.Accept<DocumentStart>(out DocumentStart? second))
            throw source.Fatal("SL0304", Place(second.Start), "the file holds more than one document", "one config file describes one sweep");
        return root is ScalarNode { IsNull: true } ? null : root;
    }

    private ConfigNode Node(int depth)
    {
        ParsingEvent next = parser.Current ?? throw new SemanticErrorException("the document ends early");
        if (depth > Deepest)
            throw source.Fatal("SL0304", Place(next.Start), $"nested more than {Deepest} levels deep", null);
        if (parser.TryConsume<AnchorAlias>(out AnchorAlias? alias))
            return Count(Resolve(alias), alias);
        AnchorName anchor = next is NodeEvent named ? named.Anchor : AnchorName.Empty;
        ConfigNode node = next switch
        {
            Scalar => Text(parser.Consume<Scalar>()),
            SequenceStart => List(parser.Consume<SequenceStart>(), depth),
            _ => Map(parser.Consume<MappingStart>(), depth),
        };
        if (!anchor.IsEmpty)
            anchors[anchor.Value] = node;
        return node;
    }

    private ScalarNode Text(Scalar scalar)
    {
        var node = new ScalarNode((int)scalar.Start.Line, (int)scalar.Start.Column, scalar.Value, scalar.Style != ScalarStyle.Plain);
        Count(node, scalar);
        return node;
    }

    private ListNode List(SequenceStart start, int depth)
    {
        var items = new List<ConfigNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
            items.Add(Node(depth + 1));
        var list = new ListNode((int)start.Start.Line, (int)start.Start.Column, 1 + items.Sum(i => i.Size), items);
        nodes++;
        return list;
    }

    private MapNode Map(MappingStart start, int depth)
    {
        var entries = new List<(ScalarNode, ConfigNode)>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            ParsingEvent at = parser.Current!;
            if (Node(depth + 1) is not ScalarNode key)
                throw source.Fatal("SL0301", Place(at.Start), "a key must be a single word", null);
            entries.Add((key, Node(depth + 1)));
        }
        nodes++;
        return new MapNode((int)start.Start.Line, (int)start.Start.Column, 1 + entries.Sum(e => 1 + e.Item2.Size), entries);
    }

    private ConfigNode Resolve(AnchorAlias alias) =>
        anchors.TryGetValue(alias.Value.Value, out ConfigNode? node)
            ? node
            : throw source.Fatal("SL0301", Place(alias.Start), $"no anchor '&{alias.Value.Value}' comes before this alias", null);

    private ConfigNode Count(ConfigNode node, ParsingEvent at)
    {
        nodes += node.Size; // Each size is bounded by MostNodes, so the sum cannot overflow.
        return nodes <= MostNodes
            ? node
            : throw source.Fatal("SL0304", Place(at.Start), $"more than {MostNodes:N0} values, aliases resolved", null);
    }

    private static (int, int) Place(Mark mark) => ((int)mark.Line, (int)mark.Column);

    private static string FirstLine(string message) => message.Split('\n')[0].TrimEnd('.', '\r');
}
