using System.Text.Json;
using System.Text.Json.Serialization;

namespace ScalingLab.Planning.TestTime;

/// <summary>Coverage of k answers, as counted and by both laws.</summary>
/// <param name="K">Answers.</param>
/// <param name="Unbiased">Counted: mean of 1 − C(n−c, k)/C(n, k); null when a problem has fewer than k answers.</param>
/// <param name="UnbiasedInterval">Over resamples of the problems.</param>
/// <param name="Power">exp(a·k^b); null without a fit.</param>
/// <param name="Beta">Beta mixture.</param>
/// <param name="BetaInterval">Over resamples of the problems; null without counts.</param>
public sealed record CoverageRow(double K, double? Unbiased, double[]? UnbiasedInterval, double? Power, double Beta, double[]? BetaInterval);

/// <summary>Fitted coverage laws.</summary>
/// <param name="Problems">Problems counted; 0 for a mixture that was given.</param>
/// <param name="Answers">Answers counted.</param>
/// <param name="Power">a, b and root mean square error of exp(a·k^b).</param>
/// <param name="Beta">a, b and mean of the Beta mixture.</param>
/// <param name="Rows">Coverage by k.</param>
public sealed record CoverageDocument(int Problems, long Answers, IReadOnlyDictionary<string, double>? Power, IReadOnlyDictionary<string, double> Beta, IReadOnlyList<CoverageRow> Rows);

/// <summary>Best of n with a verifier.</summary>
/// <param name="N">Answers.</param>
/// <param name="Success">Share of problems for which a correct answer is chosen.</param>
/// <param name="Coverage">Share with a correct answer among them.</param>
/// <param name="RelativeCost">Answers and checks over one answer without a check.</param>
/// <param name="CostPerSuccess">Relative cost over success.</param>
public sealed record BestOfNRow(double N, double Success, double Coverage, double RelativeCost, double CostPerSuccess);

/// <summary>Best of n over the mixture of problems.</summary>
/// <param name="TruePositiveRate">Share of correct answers that the verifier accepts.</param>
/// <param name="FalsePositiveRate">Share of wrong answers that it accepts.</param>
/// <param name="VerifierCost">FLOPs of a check over those of an answer.</param>
/// <param name="Ceiling">Success that no n exceeds in the limit.</param>
/// <param name="Rows">By n.</param>
public sealed record BestOfNDocument(double TruePositiveRate, double FalsePositiveRate, double VerifierCost, double Ceiling, IReadOnlyList<BestOfNRow> Rows);

/// <summary>One row of the exchange.</summary>
/// <param name="R">Inference tokens over training tokens.</param>
/// <param name="Multiplier">M + 3(M − 1)/R.</param>
public sealed record ExchangeRow(double R, double Multiplier);

/// <summary>Test-time compute that matches an M times larger model in FLOPs.</summary>
public sealed record ExchangeDocument(double M, IReadOnlyList<ExchangeRow> Rows);

/// <summary>A way to spend the budget.</summary>
/// <param name="Name">Which.</param>
/// <param name="At">The optimum under it.</param>
/// <param name="TokensPerParameter">D/N.</param>
public sealed record JointRow(string Name, JointOptimum At, double TokensPerParameter);

/// <summary>The joint optimum of N, D and k.</summary>
public sealed record JointDocument(double Flops, string Law, double Queries, double TokensPerAnswer, double Concentration, IReadOnlyList<JointRow> Rows);

/// <summary>What <c>plan testtime --json</c> prints.</summary>
public sealed record TestTimeDocument
{
    /// <summary>Format.</summary>
    public string Schema { get; init; } = "scalinglab.plan.testtime/1";

    /// <summary>Null without counts or a mixture.</summary>
    public CoverageDocument? Coverage { get; init; }

    /// <summary>Null without counts or a mixture.</summary>
    public BestOfNDocument? BestOfN { get; init; }

    /// <summary>Null unless asked for.</summary>
    public ExchangeDocument? Exchange { get; init; }

    /// <summary>Null unless asked for.</summary>
    public JointDocument? Joint { get; init; }

    /// <summary>What the numbers assume, and where formulas are from.</summary>
    public required IReadOnlyList<string> Assumptions { get; init; }

    /// <summary>What a reader should know.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TestTimeJson.Default.TestTimeDocument);
}

/// <summary>Serialisation generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(TestTimeDocument))]
public sealed partial class TestTimeJson : JsonSerializerContext;
