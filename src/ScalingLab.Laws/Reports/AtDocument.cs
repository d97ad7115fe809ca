using System.Text.Json.Serialization;

namespace ScalingLab.Laws.Reports;

/// <summary>Where a law is asked: a budget, whose optimum it gives, or a model and its tokens.</summary>
/// <param name="Flops">C.</param>
/// <param name="Params">N.</param>
/// <param name="Tokens">D.</param>
/// <param name="UniqueTokens">Distinct tokens.</param>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="BatchTokens">Tokens in a batch.</param>
/// <param name="Loss">Loss, for laws of another quantity.</param>
public sealed record AtPoint(double? Flops = null, double? Params = null, double? Tokens = null, double? UniqueTokens = null, double? Steps = null, double? BatchTokens = null, double? Loss = null);

/// <summary>How far a point lies outside the data: over the largest value where it is above, over the least where it is below, 1 within.</summary>
/// <param name="Flops">C; null when the data or the point have none.</param>
/// <param name="Params">N.</param>
/// <param name="Tokens">D.</param>
public sealed record OutsideDocument(double? Flops, double? Params, double? Tokens);

/// <summary>What a law says at one point.</summary>
/// <param name="Asked">The point as it was asked for.</param>
/// <param name="Optimal">Whether N and D are the optimum of the budget, rather than given.</param>
/// <param name="Flops">C; null when unknown.</param>
/// <param name="Params">N; null when the law does not read it and it was not given.</param>
/// <param name="Tokens">D likewise.</param>
/// <param name="UniqueTokens">Distinct tokens; null when not given.</param>
/// <param name="TokensPerParam">D/N.</param>
/// <param name="Loss">Mean loss that the law predicts there, nats per token; or the quantity that it predicts in its place.</param>
/// <param name="LossInterval">Interval of that mean loss: how well the law is known. At an optimum every resample has its own N and D.</param>
/// <param name="PredictionInterval">Interval of the loss that one new run will be observed to have at (N, D): the law's uncertainty and the noise of a run together.</param>
/// <param name="ParamsInterval">Interval of the optimal N; null when N was given.</param>
/// <param name="TokensInterval">Interval of the optimal D.</param>
/// <param name="TokensPerParamInterval">Interval of the optimal D/N.</param>
/// <param name="Outside">How far the point lies outside the data.</param>
/// <param name="Profile">Profile likelihoods of loss, and at an optimum of params, tokens and tokensPerParam; null when not asked for.</param>
public sealed record AtDocument(
    AtPoint Asked, bool Optimal, double? Flops, double? Params, double? Tokens, double? UniqueTokens, double? TokensPerParam, double Loss, double[]? LossInterval, double[]? PredictionInterval,
    double[]? ParamsInterval, double[]? TokensInterval, double[]? TokensPerParamInterval, OutsideDocument Outside, IReadOnlyDictionary<string, LikelihoodProfileDocument>? Profile)
{
    /// <summary>The largest factor by which the point lies beyond the data, or below them, in any of its coordinates; 1 within.</summary>
    [JsonIgnore]
    public double FarthestOutside => new[] { Outside.Flops, Outside.Params, Outside.Tokens }.Max(f => f is { } v ? Math.Max(v, 1 / v) : 1);
}
