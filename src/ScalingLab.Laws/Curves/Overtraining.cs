using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>L(C, M) = E + (a·M^η + b·M^−η)·C^−η: loss against compute at M = D/N tokens a parameter, which need not be the best.</summary>
/// <remarks>
/// Gadre et al. 2024, arXiv:2403.08540, Eq. 4. At any M the reducible loss falls with the same power of C; M moves only its coefficient.
/// Where C = 6·N·D it is <see cref="ChinchillaTied"/> in other letters: α = 2η, A = a·6^−η, B = b·6^−η.
/// </remarks>
public sealed record Overtraining() : LossCurve("overtraining", "L(C, M) = E + (a*M^eta + b*M^-eta)*C^-eta, M = D/N", "Gadre et al. 2024, arXiv:2403.08540, Eq. 4",
    Inputs.Parameters | Inputs.Tokens | Inputs.Flops, [CurveParameter.Scale("a"), CurveParameter.Scale("b"), CurveParameter.Floor("E"), CurveParameter.Exponent("eta")])
{
    /// <inheritdoc/>
    public override Jet LogLoss(in Setting at, ReadOnlySpan<Jet> x)
    {
        double lnC = Math.Log(at.C), lnM = Math.Log(at.D / at.N);
        return Jet.Log(x[2] + Jet.Exp(x[0] + x[3] * (lnM - lnC)) + Jet.Exp(x[1] - x[3] * (lnM + lnC)));
    }

    // E is at a share of the least loss, and the two terms share the rest amid the data.
    /// <inheritdoc/>
    public override IEnumerable<double[]> Starts(FitPoints points)
    {
        double c = MeanLog(points.Flops), m = MeanLog(points.Tokens) - MeanLog(points.Parameters), loss = Math.Exp(MeanLog(points.Loss)), least = points.Loss.Min();
        foreach (double share in new[] { 0.1, 0.5, 0.9 })
        {
            foreach (double eta in new[] { 0.05, 0.12, 0.25, 0.5 })
                yield return [(loss - share * least) / 2 * Math.Exp(eta * (c - m)), (loss - share * least) / 2 * Math.Exp(eta * (c + m)), share * least, eta];
        }
    }
}
