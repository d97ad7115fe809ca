using ScalingLab.Laws;

namespace ScalingLab.Planning.Optimum;

/// <summary>What it costs to train on more or fewer tokens a parameter than is compute-optimal.</summary>
/// <param name="TokensPerParam">D/N.</param>
/// <param name="Multiple">D/N over that of the optimum.</param>
/// <param name="Params">N at the same training FLOPs.</param>
/// <param name="Tokens">D there.</param>
/// <param name="Loss">Loss there, nats a token.</param>
/// <param name="LossPenalty">That loss less the optimum's.</param>
/// <param name="SameLossParams">N that reaches the optimum's loss at this D/N; null when none does.</param>
/// <param name="SameLossTokens">D there.</param>
/// <param name="FlopsRatio">Training FLOPs there over the optimum's.</param>
/// <param name="BreakEvenServedTokens">Served tokens from which the smaller model of the same loss is cheaper in all; null where it is not smaller.</param>
public sealed record OverTrainingRow(double TokensPerParam, double Multiple, double Params, double Tokens, double Loss, double LossPenalty,
    double? SameLossParams, double? SameLossTokens, double? FlopsRatio, double? BreakEvenServedTokens);

/// <summary>The trade-off between a model's size and its training, around the optimum of one budget.</summary>
public static class OverTraining
{
    /// <summary>Multiples of the optimum's tokens a parameter that a table shows.</summary>
    public static readonly IReadOnlyList<double> Multiples = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64];

    /// <summary>Rows for some multiples of the optimum's D/N.</summary>
    /// <param name="surface">Law.</param>
    /// <param name="optimum">Compute-optimal allocation of the budget.</param>
    /// <param name="flopsPerParameterToken">k in C = k·N·D.</param>
    /// <param name="multiples">Multiples, above 0.</param>
    public static IReadOnlyList<OverTrainingRow> Around(LossSurface surface, Allocation optimum, double flopsPerParameterToken, IEnumerable<double> multiples)
    {
        double loss = surface.Loss(optimum.Parameters, optimum.Tokens), nd = optimum.Parameters * optimum.Tokens;
        return [.. multiples.Select(m =>
        {
            double ratio = optimum.TokensPerParameter * m;
            double n = Math.Sqrt(nd / ratio), d = n * ratio;
            double there = surface.Loss(n, d);
            double? same = m == 1 ? optimum.Parameters : ParametersFor(surface, ratio, loss);
            return new OverTrainingRow(ratio, m, n, d, there, there - loss, same, same * ratio, same * same * ratio / nd,
                same is { } small ? BreakEven(optimum, new(small, small * ratio), flopsPerParameterToken) : null);
        })];
    }

    /// <summary>T at which k·N·D + k/3·N·T of a smaller model equals that of the larger one of the same loss.</summary>
    public static double? BreakEven(Allocation larger, Allocation smaller, double flopsPerParameterToken)
    {
        double extra = flopsPerParameterToken * (smaller.Parameters * smaller.Tokens - larger.Parameters * larger.Tokens);
        return smaller.Parameters < larger.Parameters ? extra / (flopsPerParameterToken / 3 * (larger.Parameters - smaller.Parameters)) : null;
    }

    // Along D = ratio·N loss falls with N: bisection on ln N.
    private static double? ParametersFor(LossSurface surface, double ratio, double loss)
    {
        double low = 0, high = Math.Log(1e18);
        if (surface.Loss(Math.Exp(high), Math.Exp(high) * ratio) > loss)
            return null;
        while (high - low > 1e-12)
        {
            double middle = (low + high) / 2;
            (low, high) = surface.Loss(Math.Exp(middle), Math.Exp(middle) * ratio) > loss ? (middle, high) : (low, middle);
        }
        return Math.Exp(high);
    }
}
