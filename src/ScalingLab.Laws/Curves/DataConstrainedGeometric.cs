using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>Chinchilla's law where each further repetition of the tokens is worth a fixed share of the one before.</summary>
/// <remarks>
/// Muennighoff et al. 2023, arXiv:2305.16264: the geometric series that their exponential (<see cref="DataConstrained"/>) stands for.
/// L = E + A/N'^α + B/D'^β with D' = U·(1 − (1 − es)^(D/U))/es and N' = U_N·(1 − (1 − ns)^(N/U_N))/ns, U and U_N as there.
/// </remarks>
public sealed record DataConstrainedGeometric() : LossCurve("data-constrained-geometric", "L(N, D, U) = E + A/N'^alpha + B/D'^beta, each repetition worth 1 - es of the last, and parameters likewise by ns",
    "Muennighoff et al. 2023, arXiv:2305.16264, geometric form", Inputs.Parameters | Inputs.Tokens | Inputs.UniqueTokens,
    [new("es", true, Least, Most), new("ns", true, Least, Most), CurveParameter.Scale("A"), CurveParameter.Scale("B"), CurveParameter.Floor("E"),
        CurveParameter.Exponent("alpha"), CurveParameter.Exponent("beta")])
{
    private const double Least = 1e-9; // Nothing decays.
    private const double Most = 0.999; // A repetition is worth nothing.

    /// <inheritdoc/>
    public override bool Rugged => true;

    /// <inheritdoc/>
    public override Jet LogLoss(in Setting at, ReadOnlySpan<Jet> x)
    {
        (Jet a, Jet b, Jet e, Jet alpha, Jet beta) = (x[2], x[3], x[4], x[5], x[6]);
        double lnN = Math.Log(at.N), lnU = Math.Log(Math.Min(at.U, at.D));
        Jet best = DataConstrained.BestLogSize(a, b, alpha, beta, lnU);
        Jet lnData = lnU + Series(at.D / Math.Min(at.U, at.D), x[0]);
        Jet lnModel = best.Value < lnN ? best + Series(Jet.Exp(lnN - best), x[1]) : lnN;
        return Jet.Log(e + Jet.Exp(a - alpha * lnModel) + Jet.Exp(b - beta * lnData));
    }

    // ln((1 − (1 − s)^q)/s) from q and ln s.
    private static Jet Series(in Jet q, in Jet lnS) => Jet.Log(0 - Jet.ExpLessOne(q * Jet.Log(1 - Jet.Exp(lnS)))) - lnS;

    /// <inheritdoc/>
    public override IEnumerable<double[]> Starts(FitPoints points)
    {
        var plain = ChinchillaFitter.Fit(points).Law;
        foreach (double es in new[] { 0.003, 0.01, 0.03, 0.1, 0.3 })
        {
            foreach (double ns in new[] { 0.03, 0.1, 0.3, 0.6 })
                yield return [es, ns, Math.Max(plain.A, 1e-3), Math.Max(plain.B, 1e-3), plain.E, Math.Clamp(plain.Alpha, 0.05, 1), Math.Clamp(plain.Beta, 0.05, 1)];
        }
    }
}
