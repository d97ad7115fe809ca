using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Reports;

/// <summary>Objective of a fit, as in a file.</summary>
/// <param name="Name">log-huber, log-l1, log-mse, huber, l1, mse, asymmetric.</param>
/// <param name="Delta">Huber's δ; null for others.</param>
/// <param name="Reduction">sum, or mean for asymmetric: over observations.</param>
/// <param name="Value">Value at the fit.</param>
/// <param name="Asymmetry">Cost of a prediction above the observation over that of one as far below; null for others.</param>
/// <param name="Weights">Weights of the observations; null when all count alike.</param>
public sealed record ObjectiveDocument(string Name, double? Delta, string Reduction, double Value, double? Asymmetry = null, WeightsDocument? Weights = null)
{
    /// <summary>Of a fit to points.</summary>
    public static ObjectiveDocument Of(Objective objective, double value, FitPoints points) => new(objective.Name, objective.Delta, objective.Reduction, value, objective.Asymmetry,
        points.WeightColumn is { } column ? new(column, "mean 1", points.EffectiveCount(objective.Scale)) : null);
}

/// <summary>Weights in an objective.</summary>
/// <param name="Column">weight, or loss_sd: then the inverse variance.</param>
/// <param name="Normalisation">How they were scaled: mean 1.</param>
/// <param name="EffectiveObservations">(Σw)²/Σw².</param>
public sealed record WeightsDocument(string Column, string Normalisation, double EffectiveObservations);

/// <summary>A law against one that holds it as a special case, on the same observations.</summary>
/// <param name="Law">The wider law.</param>
/// <param name="FreeParametersMore">Free parameters that it has more.</param>
/// <param name="LikelihoodRatio">2·(ln likelihood of the wider − of this); null for a perfect fit.</param>
/// <param name="PValue">Chance of so large a ratio were the narrower law true (Wilks 1938, doi:10.1214/aoms/1177732360); null likewise.</param>
/// <param name="AiccDifference">AICc of the wider law less this one's: above 0 speaks for this one; null likewise.</param>
public sealed record ComparisonDocument(string Law, int FreeParametersMore, double? LikelihoodRatio, double? PValue, double? AiccDifference);

/// <summary>How uncertainty was estimated.</summary>
/// <param name="Kind">case, cluster, residual, noise or none.</param>
/// <param name="Resamples">Resamples asked for.</param>
/// <param name="Seed">Seed.</param>
/// <param name="Seconds">Time spent.</param>
/// <param name="Failed">Resamples without a usable fit.</param>
public sealed record BootstrapDocument(string Kind, int Resamples, long Seed, double Seconds, int Failed);

/// <summary>A local minimum besides the one reported.</summary>
/// <param name="Objective">Value there.</param>
/// <param name="Starts">Starts that ended there.</param>
/// <param name="Parameters">Parameters there.</param>
public sealed record BasinDocument(double Objective, int Starts, IReadOnlyDictionary<string, double> Parameters);

/// <summary>How the solver ended.</summary>
/// <param name="Reason">smallGradient, smallStep, atBound, evaluationLimit, nonFinite or closedForm.</param>
/// <param name="Starts">Starts tried.</param>
/// <param name="StartsAgreeing">Starts that reached the reported minimum.</param>
/// <param name="GradientNorm">Largest relative gradient; null when there is none.</param>
/// <param name="Condition">Condition number, see <see cref="Fitting.ChinchillaFit.Condition"/>; null when infinite.</param>
/// <param name="Basins">Other minima.</param>
/// <param name="Evaluations">Values of the objective computed.</param>
public sealed record SolverDocument(
    string Reason, int Starts, int StartsAgreeing, double? GradientNorm, double? Condition, IReadOnlyList<BasinDocument> Basins, int Evaluations);

/// <summary>Growth of the optimum with compute: N_opt ∝ C^a, D_opt ∝ C^b. Null where the law has no optimum.</summary>
/// <param name="ExponentN">a.</param>
/// <param name="ExponentD">b.</param>
/// <param name="ExponentNInterval">Interval of a.</param>
/// <param name="ExponentDInterval">Interval of b.</param>
public sealed record OptimumDocument(double? ExponentN, double? ExponentD, double[]? ExponentNInterval, double[]? ExponentDInterval);

/// <summary>The optimum of one budget.</summary>
/// <param name="Flops">C.</param>
/// <param name="Params">N.</param>
/// <param name="Tokens">D.</param>
/// <param name="Loss">Predicted loss, nats per token; null where the approach predicts none.</param>
/// <param name="ParamsInterval">Interval of N.</param>
/// <param name="TokensInterval">Interval of D.</param>
/// <param name="LossInterval">Interval of the predicted loss.</param>
/// <param name="Extrapolation">C over the largest C of the data; 1 or less is within them.</param>
public sealed record OptimumAtDocument(
    double Flops, double Params, double Tokens, double? Loss, double[]? ParamsInterval, double[]? TokensInterval, double[]? LossInterval, double Extrapolation);

/// <summary>Least and largest values among the data.</summary>
/// <param name="Params">N.</param>
/// <param name="Tokens">D.</param>
/// <param name="Flops">C.</param>
/// <param name="Loss">Loss.</param>
public sealed record RangeDocument(double[] Params, double[] Tokens, double[] Flops, double[] Loss);

/// <summary>One budget of Approach 2.</summary>
/// <param name="Flops">C.</param>
/// <param name="Points">Observations in it.</param>
/// <param name="Params">N of least loss; null when refused.</param>
/// <param name="Tokens">D there.</param>
/// <param name="Loss">Loss there.</param>
/// <param name="Refusal">Why there is no optimum; null when there is one.</param>
public sealed record ProfileDocument(double Flops, int Points, double? Params, double? Tokens, double? Loss, string? Refusal);

/// <summary>A stretch of an envelope along which one size is the best; a corner of a hull is a stretch of one point.</summary>
/// <param name="Params">N.</param>
/// <param name="Flops">C at both ends.</param>
/// <param name="Tokens">D there.</param>
/// <param name="Loss">Loss there.</param>
public sealed record EnvelopeStepDocument(double Params, double[] Flops, double[] Tokens, double[] Loss);

/// <summary>The lower envelope of Approach 1.</summary>
/// <param name="Curve">minimum or hull.</param>
/// <param name="Runs">Runs with training curves; for a hull all runs.</param>
/// <param name="Points">Points that the power laws run through.</param>
/// <param name="Sizes">Distinct N among them.</param>
/// <param name="EdgeShare">Share of budgets left out since their best run is the smallest or largest there; 0 for a hull.</param>
/// <param name="Steps">The envelope, ascending in C.</param>
public sealed record EnvelopeDocument(string Curve, int Runs, int Points, int Sizes, double EdgeShare, IReadOnlyList<EnvelopeStepDocument> Steps);

/// <summary>One approach beside the others.</summary>
/// <param name="Approach">parametric, isoflop or envelope.</param>
/// <param name="Curve">parabola, akima, minimum, hull; null for parametric.</param>
/// <param name="ExponentN">a of N ∝ C^a; null when refused.</param>
/// <param name="ExponentNInterval">Its interval.</param>
/// <param name="ExponentD">b of D ∝ C^b.</param>
/// <param name="ExponentDInterval">Its interval.</param>
/// <param name="Flops">Largest C of the data, at which the optimum is stated.</param>
/// <param name="Params">Optimal N there, on the approach's power law.</param>
/// <param name="ParamsInterval">Its interval.</param>
/// <param name="Tokens">Optimal D there.</param>
/// <param name="TokensInterval">Its interval.</param>
/// <param name="Resamples">Resamples behind the intervals.</param>
/// <param name="Basis">What it rests on: so many observations, budgets, sizes on the envelope; null when refused.</param>
/// <param name="Bias">Computed bias on this grid; null for parametric or where it cannot be computed.</param>
/// <param name="Refusal">Why there is no estimate; null when there is one.</param>
public sealed record ApproachDocument(string Approach, string? Curve, double? ExponentN, double[]? ExponentNInterval, double? ExponentD, double[]? ExponentDInterval,
    double Flops, double? Params, double[]? ParamsInterval, double? Tokens, double[]? TokensInterval, int Resamples, string? Basis, BiasDocument? Bias, string? Refusal);

/// <summary>How far an approach that reads optima off losses errs on this grid when losses follow the Chinchilla law fitted to the same data, without noise.</summary>
/// <param name="ExponentN">Exponent of N read off, less the law's.</param>
/// <param name="ExponentD">Likewise of D.</param>
/// <param name="ParamsRatio">N read off at the largest budget, over the law's.</param>
/// <param name="ParamsRatioBeyond">Likewise at 100 times that budget.</param>
/// <param name="Budgets">Budgets that took part.</param>
public sealed record BiasDocument(double ExponentN, double ExponentD, double ParamsRatio, double ParamsRatioBeyond, int Budgets);

/// <summary>Parameters of every resample, one row each.</summary>
/// <param name="Names">Names of the columns.</param>
/// <param name="Values">Rows.</param>
public sealed record ResamplesDocument(IReadOnlyList<string> Names, IReadOnlyList<double[]> Values);

/// <summary>What <c>fit --json</c> prints: schema scalinglab.fit/1.</summary>
public sealed record FitDocument
{
    /// <summary>Format of this document.</summary>
    public const string SchemaName = "scalinglab.fit/1";

    /// <summary>Format.</summary>
    public string Schema { get; init; } = SchemaName;

    /// <summary>Law.</summary>
    public required string Law { get; init; }

    /// <summary>The law as people read it; null for Chinchilla's.</summary>
    public string? Formula { get; init; }

    /// <summary>parametric, isoflop or envelope.</summary>
    public required string Approach { get; init; }

    /// <summary>parabola or akima of isoFLOP profiles, minimum or hull of an envelope; null for parametric.</summary>
    public string? Curve { get; init; }

    /// <summary>Number of observations.</summary>
    public required int Observations { get; init; }

    /// <summary>Which parameters N counts: total, non-embedding, with-head.</summary>
    public required string Count { get; init; }

    /// <summary>k in C = k·N·D, by which budgets are turned into (N, D).</summary>
    public required double FlopsPerParameterToken { get; init; }

    /// <summary>Objective.</summary>
    public required ObjectiveDocument Objective { get; init; }

    /// <summary>Fitted values by name.</summary>
    public required IReadOnlyDictionary<string, double> Parameters { get; init; }

    /// <summary>Standard deviations over the resamples.</summary>
    public required IReadOnlyDictionary<string, double> StandardErrors { get; init; }

    /// <summary>Intervals [low, high] over the resamples.</summary>
    public required IReadOnlyDictionary<string, double[]> Intervals { get; init; }

    /// <summary>Level of every interval in the document.</summary>
    public required double Level { get; init; }

    /// <summary>Bootstrap.</summary>
    public required BootstrapDocument Bootstrap { get; init; }

    /// <summary>Solver.</summary>
    public required SolverDocument Solver { get; init; }

    /// <summary>Exponents of the optimum.</summary>
    public required OptimumDocument Optimum { get; init; }

    /// <summary>Optimum at some budgets.</summary>
    public required IReadOnlyList<OptimumAtDocument> Optima { get; init; }

    /// <summary>Range of the data.</summary>
    public required RangeDocument Range { get; init; }

    /// <summary>Budgets of Approach 2; null when it was not used.</summary>
    public IReadOnlyList<ProfileDocument>? Profiles { get; init; }

    /// <summary>Envelope of Approach 1; null when it was not used.</summary>
    public EnvelopeDocument? Envelope { get; init; }

    /// <summary>Computed bias of Approach 1 or 2; null when neither was used, or no Chinchilla law could be fitted.</summary>
    public BiasDocument? Bias { get; init; }

    /// <summary>Profile likelihoods by quantity: parameters and exponents of the optimum; null when they were not asked for.</summary>
    public IReadOnlyDictionary<string, LikelihoodProfileDocument>? Profile { get; init; }

    /// <summary>What the law says at the points asked for; null when there were none.</summary>
    public IReadOnlyList<AtDocument>? At { get; init; }

    /// <summary>All approaches side by side, this one's row included; null when they were not compared.</summary>
    public IReadOnlyList<ApproachDocument>? Approaches { get; init; }

    /// <summary>The fit under every convention of N and C; null when not asked for.</summary>
    public IReadOnlyList<ConventionDocument>? Conventions { get; init; }

    /// <summary>What a reader should know before trusting the numbers.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Time spent on all of it.</summary>
    public required double Seconds { get; init; }

    /// <summary>The law against a wider one; null where none is compared.</summary>
    public ComparisonDocument? Comparison { get; init; }

    /// <summary>Resamples, for plans with bands; null when they were left out.</summary>
    public ResamplesDocument? Resamples { get; init; }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FitJson.Default.FitDocument);

    /// <summary>Reads what <see cref="ToJson"/> wrote; unknown fields are left out.</summary>
    /// <exception cref="JsonException">Not such a document.</exception>
    public static FitDocument FromJson(string json) =>
        JsonSerializer.Deserialize(json, FitJson.Default.FitDocument) ?? throw new JsonException("The document is null.");
}

/// <summary>Serialisation generated at build time: starts fast and needs no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, Converters = [typeof(CompactArrayConverter), typeof(CompactIntervalConverter)])]
[JsonSerializable(typeof(FitDocument))]
public sealed partial class FitJson : JsonSerializerContext;
