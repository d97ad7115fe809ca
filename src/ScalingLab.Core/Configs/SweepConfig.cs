using ScalingLab.Core.Models;

namespace ScalingLab.Core.Configs;

/// <summary>A model size of a sweep; what is null is taken from the config's <c>model</c>.</summary>
public sealed record SweepShape
{
    /// <summary>Number of blocks.</summary>
    public int? Layers { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public int? Width { get; init; }

    /// <summary>Attention heads.</summary>
    public int? Heads { get; init; }
}

/// <summary>Which runs a sweep makes: shapes × (token counts or FLOP budgets) × seeds × grid.</summary>
public sealed record SweepAxes
{
    /// <summary>Model sizes; empty for the one of <c>model</c>.</summary>
    public IReadOnlyList<SweepShape> Shapes { get; init; } = [];

    /// <summary>FLOP budgets (exact count of matrix products): each shape trains on budget / FLOPs-per-token tokens.</summary>
    public IReadOnlyList<double> Flops { get; init; } = [];

    /// <summary>Token counts, beside or in place of budgets.</summary>
    public IReadOnlyList<long> Tokens { get; init; } = [];

    /// <summary>Leaves out (shape, tokens) pairs below this many tokens per parameter (total count); null for no bound.</summary>
    public double? MinTokensPerParameter { get; init; }

    /// <summary>Leaves out pairs above this many tokens per parameter; null for no bound.</summary>
    public double? MaxTokensPerParameter { get; init; }

    /// <summary>Seeds.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [1];

    /// <summary>Further keys to vary, as dotted path → values, e.g. <c>training.learning_rate: [0.001, 0.002]</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Grid { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}

/// <summary>A whole sweep file with defaults resolved.</summary>
public sealed record SweepConfig
{
    /// <summary>Name: the folder under runs/. Letters, digits, dot, dash and underscore.</summary>
    public string Name { get; init; } = "";

    /// <summary>Text and tokenizer.</summary>
    public CorpusConfig Corpus { get; init; } = new();

    /// <summary>Architecture shared by the shapes.</summary>
    public ModelShape Model { get; init; } = new();

    /// <summary>Training.</summary>
    public TrainingConfig Training { get; init; } = new();

    /// <summary>Evaluation.</summary>
    public EvaluationConfig Evaluation { get; init; } = new();

    /// <summary>Logs and checkpoints.</summary>
    public LoggingConfig Logging { get; init; } = new();

    /// <summary>What varies.</summary>
    public SweepAxes Sweep { get; init; } = new();
}
