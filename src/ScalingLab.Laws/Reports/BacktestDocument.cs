using System.Text.Json;
using System.Text.Json.Serialization;

namespace ScalingLab.Laws.Reports;

/// <summary>Relative errors of predictions, as shares: 0.01 is 1 %.</summary>
/// <param name="Predictions">How many.</param>
/// <param name="MedianAbsolute">Median of |predicted/observed − 1|.</param>
/// <param name="NinetiethAbsolute">Its 90th percentile.</param>
/// <param name="Mean">Mean with its sign: above 0 when the law promises too much loss.</param>
public sealed record ErrorsDocument(int Predictions, double MedianAbsolute, double NinetiethAbsolute, double Mean);

/// <summary>Errors among predictions of like extrapolation.</summary>
/// <param name="From">Least C over the largest C fitted.</param>
/// <param name="To">Largest.</param>
/// <param name="Errors">Errors.</param>
public sealed record ExtrapolationDocument(double From, double To, ErrorsDocument Errors);

/// <summary>One prediction.</summary>
/// <param name="Observation">Row of the source, from 1.</param>
/// <param name="Flops">C.</param>
/// <param name="Params">N.</param>
/// <param name="Tokens">D.</param>
/// <param name="Extrapolation">C over the largest C fitted.</param>
/// <param name="Loss">Observed loss.</param>
/// <param name="Predicted">Predicted loss.</param>
/// <param name="RelativeError">Predicted over observed, less 1.</param>
public sealed record PredictionDocument(int Observation, double Flops, double Params, double Tokens, double Extrapolation, double Loss, double Predicted, double RelativeError);

/// <summary>A law fitted below one cut.</summary>
/// <param name="Flops">The cut.</param>
/// <param name="Fitted">Observations fitted.</param>
/// <param name="Held">Observations foretold.</param>
/// <param name="FarthestExtrapolation">Largest C over the largest C fitted; null without a fit.</param>
/// <param name="Converged">Whether the solver stood on a minimum; null without a fit.</param>
/// <param name="Parameters">Fitted values; null without a fit.</param>
/// <param name="MedianAbsoluteWithin">Median |relative error| on the fitted observations.</param>
/// <param name="Errors">Errors on the others.</param>
/// <param name="Refusal">Why there is no fit; null when there is one.</param>
/// <param name="Predictions">Each prediction; null when they are too many to list.</param>
public sealed record CutDocument(double Flops, int Fitted, int Held, double? FarthestExtrapolation, bool? Converged, IReadOnlyDictionary<string, double>? Parameters,
    double? MedianAbsoluteWithin, ErrorsDocument? Errors, string? Refusal, IReadOnlyList<PredictionDocument>? Predictions);

/// <summary>One law's backtest.</summary>
/// <param name="Law">Law.</param>
/// <param name="FreeParameters">Parameters fitted.</param>
/// <param name="LogLikelihood">On all observations, the scale fitted too; null for a perfect fit or none.</param>
/// <param name="Aicc">Corrected information criterion on all observations.</param>
/// <param name="AiccDifference">Above the best law's; 0 for the best.</param>
/// <param name="HeldOut">Errors over all predictions of the cuts that every law could be fitted below; null without any.</param>
/// <param name="ByExtrapolation">Errors against extrapolation factor, over all cuts.</param>
/// <param name="Cuts">Cuts, dearest first.</param>
public sealed record LawBacktestDocument(string Law, int FreeParameters, double? LogLikelihood, double? Aicc, double? AiccDifference, ErrorsDocument? HeldOut,
    IReadOnlyList<ExtrapolationDocument> ByExtrapolation, IReadOnlyList<CutDocument> Cuts);

/// <summary>What <c>backtest --json</c> prints: schema scalinglab.backtest/1.</summary>
public sealed record BacktestDocument
{
    /// <summary>Format.</summary>
    public string Schema { get; init; } = "scalinglab.backtest/1";

    /// <summary>Number of observations.</summary>
    public required int Observations { get; init; }

    /// <summary>Which parameters N counts: total, non-embedding, with-head.</summary>
    public required string Count { get; init; }

    /// <summary>Objective: log-huber, log-l1, ...</summary>
    public required string Objective { get; init; }

    /// <summary>Huber's δ; null for others.</summary>
    public required double? Delta { get; init; }

    /// <summary>K of the asymmetric penalty; null for others.</summary>
    public required double? Asymmetry { get; init; }

    /// <summary>Laws, the least held-out error first.</summary>
    public required IReadOnlyList<LawBacktestDocument> Laws { get; init; }

    /// <summary>Law of least AICc; null when none could be computed.</summary>
    public required string? BestByAicc { get; init; }

    /// <summary>Law of least median held-out error; null without any.</summary>
    public required string? BestByHeldOut { get; init; }

    /// <summary>What a reader should know.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Time spent.</summary>
    public required double Seconds { get; init; }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, BacktestJson.Default.BacktestDocument);
}

/// <summary>Serialisation generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BacktestDocument))]
public sealed partial class BacktestJson : JsonSerializerContext;
