namespace ScalingLab.Core.Configs;

/// <summary>Where a value of the effective config comes from, in rising precedence.</summary>
public enum OriginKind
{
    /// <summary>The default on the record.</summary>
    Default,

    /// <summary>A line of the file.</summary>
    File,

    /// <summary>A <c>--set</c> on the command line.</summary>
    Set,
}

/// <summary>Where one key's value comes from.</summary>
/// <param name="Kind">Default, file or flag.</param>
/// <param name="Line">Line of the key in the file; 0 for the others.</param>
public sealed record ConfigOrigin(OriginKind Kind, int Line = 0)
{
    /// <summary><c>default</c>, <c>line 12</c> or <c>--set</c>.</summary>
    public override string ToString() => Kind switch
    {
        OriginKind.Default => "default",
        OriginKind.File => $"line {Line}",
        _ => "--set",
    };
}

/// <summary>An effective config and the origin of each of its keys.</summary>
/// <param name="Config">The config, free of problems.</param>
/// <param name="Path">The file as the user named it.</param>
/// <param name="Origins">Origin by dotted path, every key of the config included.</param>
public sealed record LoadedConfig(SweepConfig Config, string Path, IReadOnlyDictionary<string, ConfigOrigin> Origins);
