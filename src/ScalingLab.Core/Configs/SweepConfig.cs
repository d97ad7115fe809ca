using System.Globalization;
using System.Text.RegularExpressions;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Models;

namespace ScalingLab.Core.Configs;

/// <summary>A model size of a sweep; what is null is taken from the config's <c>model</c>.</summary>
public sealed record SweepShape
{
    /// <summary>Number of blocks.</summary>
    public int? Layers { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public int? Width { get; init; }

    /// <summary>Attention heads; null keeps the head width of <c>model</c>, so that there are width / head width of them.</summary>
    public int? Heads { get; init; }

    /// <summary>The model with this size. Call it on a shape without <see cref="Problems"/>.</summary>
    public ModelShape Resolve(ModelShape model) => model with
    {
        Layers = Layers ?? model.Layers,
        Width = Width ?? model.Width,
        Heads = Heads ?? (Width ?? model.Width) / model.HeadWidth,
    };

    /// <summary>What keeps this size and a sound model from making a model together.</summary>
    public IEnumerable<Problem> Problems(ModelShape model)
    {
        int width = Width ?? model.Width;
        if (Heads is null && width % model.HeadWidth != 0)
            return [new Problem("width", $"width {width} is not a multiple of the model's head width {model.HeadWidth}", $"try {ModelShape.Near(width, model.HeadWidth)}, or give the shape its heads")];
        return Resolve(model).Problems();
    }
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

    /// <summary>What is wrong with the members taken together; each alone is bounded where it is read.</summary>
    public IEnumerable<Problem> Problems()
    {
        if (Seeds.Count == 0)
            yield return new Problem("seeds", "seeds is empty, so the sweep has no run", "write seeds: [1]");
        if (MinTokensPerParameter > MaxTokensPerParameter)
            yield return new Problem("min_tokens_per_parameter", string.Create(CultureInfo.InvariantCulture, $"min_tokens_per_parameter {MinTokensPerParameter} is above max_tokens_per_parameter {MaxTokensPerParameter}"));
    }
}

/// <summary>A whole sweep file with defaults resolved.</summary>
public sealed partial record SweepConfig
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

    /// <summary>What is wrong with the config as a whole, under dotted keys; empty for one that can be planned.</summary>
    public IEnumerable<Problem> Problems()
    {
        if (!FolderName().IsMatch(Name))
            yield return new Problem("name", $"name '{Name}' cannot be a folder's name", "take letters, digits, dot, dash and underscore, starting with a letter or a digit");
        foreach (Problem problem in Corpus.Problems())
            yield return problem.Under("corpus");
        foreach (Problem problem in Training.Problems())
            yield return problem.Under("training");
        foreach (Problem problem in Sweep.Problems())
            yield return problem.Under("sweep");
        Problem[] model = [.. Model.Problems()];
        foreach (Problem problem in model)
            yield return problem.Under("model");
        if (model.Length == 0)
            foreach (Problem problem in SweepGrid.Problems(this))
                yield return problem;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex FolderName();
}
