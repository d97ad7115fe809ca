using System.Text.Json.Serialization;
using ScalingLab.Core.Configs;

namespace ScalingLab.Core.Runs;

/// <summary>When and where an attempt at a run began.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Started">Start, UTC.</param>
/// <param name="Host">Machine.</param>
/// <param name="Device">Device as the provider names it, e.g. <c>cpu</c> or <c>cuda:0 NVIDIA H100</c>.</param>
/// <param name="Libtorch">Version of libtorch; null when none is loaded.</param>
/// <param name="Stack">Runs that were trained in one step, this one among them; null, and left out of JSON, when it was trained alone.</param>
public sealed record AttemptStart(
    int Number,
    DateTimeOffset Started,
    string Host,
    string? Device,
    string? Libtorch,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Stack = null);

/// <summary><c>config.json</c>: what a run is, and what it is made with. Enough to trace each figure to its settings.</summary>
public sealed record RunManifest
{
    /// <summary>Format of this file.</summary>
    public string Schema { get; init; } = "scalinglab.run/1";

    /// <summary>Name of the folder; see <see cref="CanonicalJson.RunId"/>.</summary>
    public required string RunId { get; init; }

    /// <summary>Name of the sweep.</summary>
    public string Sweep { get; init; } = "";

    /// <summary>Effective config.</summary>
    public required RunConfig Config { get; init; }

    /// <summary>Logging and checkpoints, which are no part of the run's identity.</summary>
    public LoggingConfig Logging { get; init; } = new();

    /// <summary>Tokens the tokenizer knows.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Version of the program.</summary>
    public string? Program { get; init; }

    /// <summary>Version of .NET.</summary>
    public string Dotnet { get; init; } = Environment.Version.ToString();

    /// <summary>Version of libtorch; null before the first attempt.</summary>
    public string? Libtorch { get; init; }

    /// <summary>Device of the latest attempt; null before the first.</summary>
    public string? Device { get; init; }

    /// <summary>Commit of the program's source; null when unknown.</summary>
    public string? Commit { get; init; }

    /// <summary>Where the corpus was found on the machine that planned the run; null to look for the config's own path.</summary>
    public string? CorpusFile { get; init; }

    /// <summary>Where the token shard held out for evaluation was found; null where there is none.</summary>
    public string? HeldOutFile { get; init; }

    /// <summary>SHA-256 of the corpus text, lower-case hex; null before it was read.</summary>
    public string? CorpusSha256 { get; init; }

    /// <summary>SHA-256 of the token file; null before it was made.</summary>
    public string? TokensSha256 { get; init; }

    /// <summary>SHA-256 of the tokenizer's JSON, which lies beside the run folders as <c>tokenizer-&lt;first 8 digits&gt;.json</c>; null for runs of versions that did not keep it.</summary>
    public string? TokenizerSha256 { get; init; }

    /// <summary>Tokens of the corpus's training part; null before it was tokenized.</summary>
    public long? CorpusTokens { get; init; }

    /// <summary>Attempts so far.</summary>
    public IReadOnlyList<AttemptStart> Attempts { get; init; } = [];
}
