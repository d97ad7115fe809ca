namespace ScalingLab.Laws.IsoFlop;

/// <summary>The bias of Approach 2 on one's own grid.</summary>
/// <remarks>
/// Wide grids shift the coefficient, drifting centres the exponent: see Czech et al. 2026, arXiv:2603.22339, on surfaces without noise.
/// Here the losses of the user's own (N, D) are replaced by those of the law without noise, and the optima are read off them in the same way.
/// </remarks>
public static class IsoFlopBias
{
    /// <summary>The bias over the budgets with an optimum both in the data and without noise; null with fewer than two, or for a law without an optimum.</summary>
    /// <param name="fit">Approach 2 on the user's data.</param>
    /// <param name="law">The law that stands for the truth: best the one fitted to the same data.</param>
    /// <param name="curve">Curve of the profiles.</param>
    /// <param name="flopsPerParameterToken">k in C = k·N·D.</param>
    public static ApproachBias? Of(IsoFlopFit fit, ChinchillaLaw law, Curve curve, double flopsPerParameterToken)
    {
        if (law is not { A: > 0, B: > 0 })
            return null;
        IsoFlopProfile[] exact = [.. fit.Accepted.Select(p => ProfileCurve.Read(
            p with { Loss = [.. p.Parameters.Zip(p.Tokens, (n, d) => law.Loss(n, d).Value)], Refusal = null, Optimum = null }, curve)).Where(p => p.Optimum is not null)];
        return IsoFlopFitter.Laws(exact) is { } read ? ApproachBias.Against(law, read, exact.Max(p => p.Flops), flopsPerParameterToken, exact.Length) : null;
    }
}
