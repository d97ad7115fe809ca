using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Configs;

/// <summary>Builds one config from its sources and gathers their problems.</summary>
internal sealed class SweepConfigReader
{
    private readonly string path;
    private readonly string text;
    private readonly List<Diagnostic> problems = [];
    private readonly ConfigSource file;
    private readonly Dictionary<string, ConfigOrigin> origins = [];
    private readonly Dictionary<string, SourceLocation> places = [];
    private SweepConfig config = new();

    public SweepConfigReader(string path, string text) =>
        (this.path, this.text, file) = (path, text, new ConfigSource(path, text, problems));

    /// <summary>Reads the file's keys.</summary>
    public void ReadFile()
    {
        ConfigNode root = YamlTree.Parse(text, file)
            ?? throw file.Fatal("SL0303", (0, 0), "the file is empty", "a sweep needs at least corpus.path and a number of tokens; see 'scalinglab config schema'");
        if (root is MapNode map)
            Section(map, "");
        else
            throw file.Fatal("SL0305", (root.Line, root.Column), "the file is not a mapping of keys to values", "write 'key: value' lines, e.g. 'name: tiny'");
    }

    /// <summary>Reads one <c>--set</c> argument over what is there.</summary>
    public void ReadFlag(string argument)
    {
        var source = new ConfigSource($"--set {argument}", null, problems);
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        string key = (equals < 0 ? argument : argument[..equals]).Trim();
        var node = new ScalarNode(0, 0, key, false);
        const string Axis = "sweep.grid.";
        if (equals <= 0)
            source.Report("SL0320", node, "--set takes key=value", "e.g. --set training.learning_rate=0.01");
        else if (key.StartsWith(Axis, StringComparison.Ordinal))
            Take(key, source, c => SweepConfigKeys.Grid.ReadAxis(c, key[Axis.Length..], argument[(equals + 1)..], source));
        else if (SweepConfigKeys.Find(key) is { } known)
            Take(key, source, c => known.Read(c, known.Argument(argument[(equals + 1)..].Trim(), source), source));
        else if (SweepConfigKeys.Sections.Contains(key))
            source.Report("SL0320", node, $"'{key}' is a section", $"set one of its keys: {string.Join(", ", SweepConfigKeys.NamesIn(key))}");
        else
            source.Report("SL0312", node, $"unknown key '{key}'", Suggestions.DidYouMean(key, SweepConfigKeys.All.Select(k => k.Path)) ?? Elsewhere(key));
    }

    /// <summary>The config, if nothing is wrong with it.</summary>
    /// <exception cref="UserErrorException">Something is.</exception>
    public LoadedConfig Finish()
    {
        if (!origins.ContainsKey("name"))
            config = config with { Name = Path.GetFileNameWithoutExtension(path) };
        if (!origins.ContainsKey("sweep.seeds"))
            config = config with { Sweep = config.Sweep with { Seeds = [config.Training.Seed] } };
        if (problems.Count == 0)
            CheckWhole();
        if (problems.Count > 0)
            throw new UserErrorException(ExitCode.Config, [.. problems.OrderBy(p => p.Location?.Line ?? 0).ThenBy(p => p.Location?.Column ?? 0)]);
        foreach (ConfigKey key in SweepConfigKeys.All)
            origins.TryAdd(key.Path, new ConfigOrigin(OriginKind.Default));
        return new LoadedConfig(config, path, origins);
    }

    /// <summary>Problems of values that are right one by one.</summary>
    private void CheckWhole()
    {
        if (config.Sweep is { Flops.Count: 0, Tokens.Count: 0 } && !origins.ContainsKey("training.tokens"))
            problems.Add(new Diagnostic("SL0319", "nothing says how many tokens to train on", Place("sweep"), "give sweep.flops, sweep.tokens or training.tokens"));
        foreach (Problem problem in config.Problems())
            problems.Add(new Diagnostic(Code(problem.Key), problem.Message, Place(problem.Key), problem.Help));
    }

    private static string Code(string key) => key switch
    {
        "name" => "SL0317",
        "corpus.path" => "SL0319",
        _ when key.StartsWith("sweep.grid", StringComparison.Ordinal) => "SL0318",
        _ => "SL0316",
    };

    /// <summary>The place of a key; if it is not in the file, that of the nearest key around or beside it.</summary>
    private SourceLocation Place(string key)
    {
        for (string at = key; at.Length > 0; at = at.Contains('.', StringComparison.Ordinal) ? at[..at.LastIndexOf('.')] : "")
            if (places.TryGetValue(at, out SourceLocation? place))
                return place;
        return file.At(0, 0);
    }

    private void Section(MapNode map, string section)
    {
        var lines = new Dictionary<string, int>();
        foreach ((ScalarNode key, ConfigNode value) in map.Entries)
        {
            string full = section.Length == 0 ? key.Text : $"{section}.{key.Text}";
            if (!lines.TryAdd(key.Text, key.Line))
                file.Report("SL0313", key, $"key '{key.Text}' comes twice", $"remove one of them; the first is on line {lines[key.Text]}");
            else if (SweepConfigKeys.Find(full) is { } known)
                Value(known, key, value);
            else if (!SweepConfigKeys.Sections.Contains(full))
                Unknown(key, section);
            else if (value is MapNode inner)
            {
                places[full] = file.At(key);
                Section(inner, full);
            }
            else if (value is not ScalarNode { IsNull: true })
                file.Report("SL0314", value, $"{full} must be a mapping of keys to values", $"its keys are {string.Join(", ", SweepConfigKeys.NamesIn(full))}");
        }
    }

    private void Value(ConfigKey key, ScalarNode name, ConfigNode value)
    {
        int before = problems.Count;
        config = key.Read(config, value, file);
        origins[key.Path] = new ConfigOrigin(OriginKind.File, name.Line);
        places[key.Path] = file.At(value);
        if (problems.Count > before)
            return;
        if (value is ListNode list)
            for (int i = 0; i < list.Items.Count; i++)
                places[$"{key.Path}[{i}]"] = file.At(list.Items[i]);
        else if (value is MapNode map)
            foreach ((ScalarNode axis, ConfigNode values) in map.Entries)
                places[$"{key.Path}.{axis.Text}"] = file.At(values);
    }

    private void Take(string key, ConfigSource source, Func<SweepConfig, SweepConfig> read)
    {
        int before = problems.Count;
        config = read(config);
        origins[key] = new ConfigOrigin(OriginKind.Set);
        places[key] = source.At(0, 0);
        foreach (string inside in places.Keys.Where(k => k.StartsWith(key + "[", StringComparison.Ordinal)).ToArray())
            places.Remove(inside);
        if (key.StartsWith("sweep.grid.", StringComparison.Ordinal) && problems.Count == before)
            origins["sweep.grid"] = new ConfigOrigin(OriginKind.Set);
    }

    private void Unknown(ScalarNode key, string section)
    {
        string? help = Suggestions.DidYouMean(key.Text, SweepConfigKeys.NamesIn(section)) ?? Elsewhere(key.Text);
        string where = section.Length == 0 ? "" : $" in {section}";
        file.Report("SL0312", key, $"unknown key '{key.Text}'{where}", help ?? $"the keys here are {string.Join(", ", SweepConfigKeys.NamesIn(section))}");
    }

    /// <summary>Where a key of this name does belong; null when there is none.</summary>
    private static string? Elsewhere(string name)
    {
        string[] paths = [.. SweepConfigKeys.All.Where(k => k.Path == name || k.Name == name).Select(k => k.Path)];
        return paths.Length == 0 ? null : $"did you mean '{string.Join("' or '", paths)}'?";
    }
}
