using System.Text.Json;
using System.Text.Json.Serialization;

namespace ScalingLab.Laws.Reports;

/// <summary>A run worth training.</summary>
/// <param name="Params">N.</param>
/// <param name="Tokens">D.</param>
/// <param name="Flops">Its cost.</param>
/// <param name="ObserveAtTokens">Where its loss is wanted: at its end, and on the way where the present runs have it so.</param>
/// <param name="Layers">Layers of a model of that N, like those of the source; null for a CSV.</param>
/// <param name="Width">Its width.</param>
/// <param name="Heads">Its heads.</param>
/// <param name="WithinData">Whether N and D lie within those tried.</param>
public sealed record NextRunDocument(double Params, double Tokens, double Flops, IReadOnlyList<double> ObserveAtTokens, int? Layers, int? Width, int? Heads, bool WithinData);

/// <summary>A way to spend FLOPs, and the error expected after it.</summary>
/// <param name="Runs">Runs.</param>
/// <param name="Flops">Their cost.</param>
/// <param name="StandardError">Expected standard error of the quantity, of its logarithm where it is logarithmic.</param>
/// <param name="Shrinkage">That over the present one.</param>
public sealed record SpendingDocument(int Runs, double Flops, double StandardError, double Shrinkage);

/// <summary>Where candidates lay.</summary>
/// <param name="Params">N.</param>
/// <param name="Tokens">D.</param>
/// <param name="TokensPerParam">D/N.</param>
/// <param name="PointsPerRun">Observations of a run.</param>
/// <param name="Candidates">How many there were.</param>
public sealed record CandidatesDocument(double[] Params, double[] Tokens, double[] TokensPerParam, int PointsPerRun, int Candidates);

/// <summary>What <c>next --json</c> prints: schema scalinglab.next/1.</summary>
public sealed record NextDocument
{
    /// <summary>Format.</summary>
    public string Schema { get; init; } = "scalinglab.next/1";

    /// <summary>What is to be pinned down.</summary>
    public required string Quantity { get; init; }

    /// <summary>Its present value.</summary>
    public required double Value { get; init; }

    /// <summary>Whether standard errors are of its logarithm.</summary>
    public required bool Logarithmic { get; init; }

    /// <summary>Its standard error now: half the central 68 % of the resamples. Errors after further runs are this one times the first-order shrinkage.</summary>
    public required double StandardErrorNow { get; init; }

    /// <summary>The same to first order, with even noise.</summary>
    public required double StandardErrorFirstOrder { get; init; }

    /// <summary>Its interval now, from the standard error.</summary>
    public required double[] IntervalNow { get; init; }

    /// <summary>The interval expected after the runs, about the present value.</summary>
    public required double[] IntervalAfter { get; init; }

    /// <summary>Level of the intervals.</summary>
    public required double Level { get; init; }

    /// <summary>Budget in FLOPs.</summary>
    public required double BudgetFlops { get; init; }

    /// <summary>The runs, dearest first.</summary>
    public required IReadOnlyList<NextRunDocument> Runs { get; init; }

    /// <summary>What they cost together, and the error expected after them.</summary>
    public required SpendingDocument Chosen { get; init; }

    /// <summary>Repeating the present runs in proportion, at the cost of the chosen ones.</summary>
    public required SpendingDocument Repeated { get; init; }

    /// <summary>As many runs on an even grid over the candidates' range, at the cost of the chosen ones; null where none fits.</summary>
    public required SpendingDocument? Uniform { get; init; }

    /// <summary>The best choice at smaller budgets.</summary>
    public required IReadOnlyList<SpendingDocument> Frontier { get; init; }

    /// <summary>Standard deviation of one observation as the fit feels it, on the objective's scale.</summary>
    public required double NoiseSd { get; init; }

    /// <summary>Correlation of two observations of one cluster.</summary>
    public required double NoiseShared { get; init; }

    /// <summary>Observations at hand.</summary>
    public required int Observations { get; init; }

    /// <summary>What the present runs cost.</summary>
    public required double PresentFlops { get; init; }

    /// <summary>Where candidates lay.</summary>
    public required CandidatesDocument Candidates { get; init; }

    /// <summary>What a reader should know.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Time spent.</summary>
    public required double Seconds { get; init; }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, NextJson.Default.NextDocument);
}

/// <summary>Serialisation generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, Converters = [typeof(CompactArrayConverter)])]
[JsonSerializable(typeof(NextDocument))]
public sealed partial class NextJson : JsonSerializerContext;
