namespace ScalingLab.Core.Configs;

/// <summary>Every key of a sweep file: the one place that loading, writing, the JSON schema, <c>--set</c> and the grid go by.</summary>
internal static partial class SweepConfigKeys
{
    private const double MostTokens = 1e15; // Past every corpus, and whole numbers up to here are exact in a double.

    /// <summary>Number of blocks.</summary>
    public static readonly ValueType<int> Layers = Int(1, 1024);

    /// <summary>Width of the residual stream.</summary>
    public static readonly ValueType<int> Width = Int(1, 65_536);

    /// <summary>Attention heads.</summary>
    public static readonly ValueType<int> Heads = Int(1, 1024);

    /// <summary>The keys in the order in which they are written.</summary>
    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        Value("name", "Name of the sweep: the folder under runs/. Letters, digits, dot, dash and underscore; the file's name by default.", new FreeText(), c => c.Name, (c, v) => c with { Name = v }, inGrid: false),
        .. CorpusKeys, .. ModelKeys, .. TrainingKeys, .. EvaluationKeys, .. LoggingKeys, .. SweepKeys,
    ];

    private static readonly Dictionary<string, ConfigKey> ByPath = All.ToDictionary(k => k.Path);

    /// <summary>Names of the mappings that hold keys: <c>training</c>, <c>training.schedule</c> and so on.</summary>
    public static IReadOnlySet<string> Sections { get; } = All.SelectMany(k => Prefixes(k.Path)).ToHashSet();

    /// <summary>The grid, which is also reached axis by axis.</summary>
    public static GridKey Grid { get; } = All.OfType<GridKey>().Single();

    /// <summary>The key of a dotted path; null when there is none.</summary>
    public static ConfigKey? Find(string path) => ByPath.GetValueOrDefault(path);

    /// <summary>Names of the keys and sections right inside a section; of the top level for an empty string.</summary>
    public static IEnumerable<string> NamesIn(string section)
    {
        string prefix = section.Length == 0 ? "" : section + ".";
        return All.Select(k => k.Path).Where(p => p.StartsWith(prefix, StringComparison.Ordinal)).Select(p => p[prefix.Length..].Split('.')[0]).Distinct();
    }

    private static IEnumerable<string> Prefixes(string path)
    {
        for (int dot = path.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = path.IndexOf('.', dot + 1))
            yield return path[..dot];
    }

    private static ValueKey<T> Value<T>(string path, string summary, ValueType<T> type, Func<SweepConfig, T> get, Func<SweepConfig, T, SweepConfig> set, bool inGrid = true) =>
        new(path, summary, type, get, set, inGrid);

    private static WholeNumber<int> Int(int least, int most = int.MaxValue) => new(new Bounds(AtLeast: least, AtMost: most), v => (int)v, v => v);

    private static WholeNumber<long> Long(long least) => new(new Bounds(AtLeast: least, AtMost: MostTokens), v => v, v => v);

    private static RealNumber Real(double? atLeast = null, double? above = null, double? atMost = null, double? below = null) => new(new Bounds(atLeast, above, atMost, below));
}
