using ScalingLab.Laws;

namespace ScalingLab.Planning.Optimum;

/// <summary>What a model costs to train and to serve: C = k·N·D + s·N, in training FLOPs.</summary>
/// <param name="FlopsPerParameterToken">k, 6 by the usual count.</param>
/// <param name="ServedTokens">T, tokens that will be served; 0 to leave serving out.</param>
/// <param name="ServingWeight">Price of a serving FLOP over that of a training FLOP; 1 when both count alike.</param>
/// <remarks>Sardana et al. 2024, arXiv:2401.00448, Eq. 2: 6·N·D + 2·N·T; the forward pass is a third of k. With a weight, their Sec. 2.2: cost with separate utilisations.</remarks>
public sealed record Spending(double FlopsPerParameterToken = ChinchillaLaw.SixNd, double ServedTokens = 0, double ServingWeight = 1)
{
    /// <summary>s: serving cost a parameter.</summary>
    public double PerParameter => FlopsPerParameterToken / 3 * ServedTokens * ServingWeight;

    /// <summary>k·N·D.</summary>
    public double Training(Allocation at) => FlopsPerParameterToken * at.Parameters * at.Tokens;

    /// <summary>k/3·N·T, unweighted: FLOPs that serving executes.</summary>
    public double Serving(Allocation at) => FlopsPerParameterToken / 3 * at.Parameters * ServedTokens;

    /// <summary>k·N·D + s·N.</summary>
    public double Lifetime(Allocation at) => Training(at) + PerParameter * at.Parameters;

    /// <summary>The D that a budget leaves for N parameters; below 0 when serving alone costs more.</summary>
    public double TokensWithin(double budget, double n) => (budget - PerParameter * n) / (FlopsPerParameterToken * n);
}
