using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>L(N, D) = E + A/N^α + B/D^α: Chinchilla's law with one exponent, under which N and D grow alike at the optimum.</summary>
/// <remarks>Hoffmann et al. 2022, arXiv:2203.15556, Eq. 2 with α = β; Muennighoff et al. 2023, arXiv:2305.16264, fit it so.</remarks>
public sealed record ChinchillaTied() : LossCurve("chinchilla-tied", "L(N, D) = E + A/N^alpha + B/D^alpha", "Hoffmann et al. 2022, arXiv:2203.15556, Eq. 2 with alpha = beta",
    Inputs.Parameters | Inputs.Tokens, [CurveParameter.Scale("A"), CurveParameter.Scale("B"), CurveParameter.Floor("E"), CurveParameter.Exponent("alpha")])
{
    /// <inheritdoc/>
    public override Jet LogLoss(in Setting at, ReadOnlySpan<Jet> x) =>
        Jet.Log(x[2] + Jet.Exp(x[0] - x[3] * Math.Log(at.N)) + Jet.Exp(x[1] - x[3] * Math.Log(at.D)));

    // E is at a share of the least loss, and the two terms share the rest amid the data.
    /// <inheritdoc/>
    public override IEnumerable<double[]> Starts(FitPoints points)
    {
        double n = MeanLog(points.Parameters), d = MeanLog(points.Tokens), loss = Math.Exp(MeanLog(points.Loss)), least = points.Loss.Min();
        foreach (double share in new[] { 0.1, 0.5, 0.9 })
        {
            foreach (double alpha in new[] { 0.1, 0.25, 0.5, 1 })
                yield return [(loss - share * least) / 2 * Math.Exp(alpha * n), (loss - share * least) / 2 * Math.Exp(alpha * d), share * least, alpha];
        }
    }
}
