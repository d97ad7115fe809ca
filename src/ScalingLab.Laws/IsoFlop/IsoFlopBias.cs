using ScalingLab.Core.Units;

namespace ScalingLab.Laws.IsoFlop;

/// <summary>How far Approach 2 errs on one's own grid when the losses follow a Chinchilla law exactly.</summary>
/// <remarks>
/// Wide grids shift the coefficient, drifting centres the exponent: see Czech et al. 2026, arXiv:2603.22339, on surfaces without noise.
/// Here the losses of the user's own (N, D) are replaced by those of the law without noise, and the optima are read off them in the same way.
/// </remarks>
/// <param name="ExponentN">Exponent of N read off, less the law's own.</param>
/// <param name="ExponentD">Likewise of D.</param>
/// <param name="ParametersRatio">N read off at the largest budget with an optimum, over the law's own.</param>
/// <param name="ParametersRatioBeyond">Likewise at <see cref="Beyond"/> times that budget.</param>
/// <param name="Budgets">Budgets that took part: those with an optimum both in the data and without noise.</param>
public sealed record IsoFlopBias(double ExponentN, double ExponentD, double ParametersRatio, double ParametersRatioBeyond, int Budgets)
{
    /// <summary>Extrapolation at which the second ratio is stated.</summary>
    public const double Beyond = 100;

    /// <summary>The bias; null with fewer than two budgets, or for a law without an optimum.</summary>
    /// <param name="fit">Approach 2 on the user's data.</param>
    /// <param name="law">The law that stands for the truth: best the one fitted to the same data.</param>
    /// <param name="curve">Curve of the profiles.</param>
    /// <param name="flopsPerParameterToken">k in C = k·N·D.</param>
    public static IsoFlopBias? Of(IsoFlopFit fit, ChinchillaLaw law, Curve curve, double flopsPerParameterToken)
    {
        if (law is not { A: > 0, B: > 0 })
            return null;
        IsoFlopProfile[] exact = [.. fit.Accepted.Select(p => ProfileCurve.Read(
            p with { Loss = [.. p.Parameters.Zip(p.Tokens, (n, d) => law.Loss(n, d).Value)], Refusal = null, Optimum = null }, curve)).Where(p => p.Optimum is not null)];
        if (IsoFlopFitter.Laws(exact) is not { } read)
            return null;
        double largest = exact.Max(p => p.Flops);
        return new(read.N.Exponent - law.ExponentN, read.D.Exponent - law.ExponentD, Ratio(largest), Ratio(Beyond * largest), exact.Length);

        double Ratio(double flops) => read.N.At(flops) / law.ComputeOptimal(new Flops(flops), flopsPerParameterToken).Parameters;
    }
}
