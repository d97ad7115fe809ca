using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>Chinchilla's law with repeated tokens and excess parameters worth ever less.</summary>
/// <remarks>
/// Muennighoff et al. 2023, arXiv:2305.16264, Eq. 5 and 6: L = E + A/N'^α + B/D'^β with
/// 1. D' = U + U·rd·(1 − e^(−R_D/rd)), R_D = D/U − 1 repetitions of U distinct tokens; D' = D while D is at most U.
/// 2. N' = U_N + U_N·rn·(1 − e^(−R_N/rn)), R_N = max(N/U_N − 1, 0), U_N = min(N, the best N for U tokens).
/// 3. The best N for U tokens, from Hoffmann et al. 2022, Eq. 4: G·(U·G)^(β/α) with G = (αA/(βB))^(1/(α+β)).
/// Where N or D pass the bends of 1 and 2 the second derivative jumps; the first does not.
/// </remarks>
public sealed record DataConstrained() : LossCurve("data-constrained", "L(N, D, U) = E + A/N'^alpha + B/D'^beta, N' and D' shrunk by rn and rd where tokens repeat",
    "Muennighoff et al. 2023, arXiv:2305.16264, Eq. 5 and 6", Inputs.Parameters | Inputs.Tokens | Inputs.UniqueTokens,
    [new("rd", true, 1e-3, LargestDecay), new("rn", true, 1e-3, LargestDecay), CurveParameter.Scale("A"), CurveParameter.Scale("B"), CurveParameter.Floor("E"),
        CurveParameter.Exponent("alpha"), CurveParameter.Exponent("beta")])
{
    /// <summary>Multiples beyond which nothing decays: rd or rn at this bound are infinite. U_N can be far below N, so that 10^5 is not enough.</summary>
    public const double LargestDecay = 1e12;

    /// <inheritdoc/>
    public override bool Rugged => true;

    /// <inheritdoc/>
    public override Jet LogLoss(in Setting at, ReadOnlySpan<Jet> x)
    {
        (Jet a, Jet b, Jet e, Jet alpha, Jet beta) = (x[2], x[3], x[4], x[5], x[6]);
        double lnN = Math.Log(at.N), lnU = Math.Log(Math.Min(at.U, at.D));
        Jet best = BestLogSize(a, b, alpha, beta, lnU);
        Jet lnData = lnU + Decayed(at.D / Math.Min(at.U, at.D), x[0]);
        Jet lnModel = best.Value < lnN ? best + Decayed(Jet.Exp(lnN - best), x[1]) : lnN;
        return Jet.Log(e + Jet.Exp(a - alpha * lnModel) + Jet.Exp(b - beta * lnData));
    }

    // Step 3, from ln A and ln B.
    internal static Jet BestLogSize(in Jet a, in Jet b, in Jet alpha, in Jet beta, double lnU)
    {
        Jet g = (Jet.Log(alpha / beta) + a - b) / (alpha + beta);
        return g + beta / alpha * (lnU + g);
    }

    // ln(1 + r·(1 − e^(−R/r))) with R = multiple − 1, from ln r.
    private static Jet Decayed(in Jet multiple, in Jet lnR)
    {
        Jet r = Jet.Exp(lnR);
        return Jet.Log(1 - r * Jet.ExpLessOne((1 - multiple) / r));
    }

    /// <inheritdoc/>
    public override IEnumerable<double[]> Starts(FitPoints points)
    {
        var plain = ChinchillaFitter.Fit(points).Law;
        double centre = MeanLog(points.Parameters);
        foreach (double rd in new[] { 2.0, 5, 10, 15, 25, 50, 100, 200, 1000 })
        {
            foreach (double rn in new[] { 0.7, 1.7, 5, 20 })
                yield return Start(rd, rn, 1);
        }
        foreach (double share in new[] { 0.3, 0.5, 0.7, 1.5, 2.5 })
        {
            foreach (double rn in new[] { 2.0, LargestDecay })
                yield return Start(20, rn, share);
        }

        // α changed by a factor, with A/N^α the same amid the data.
        double[] Start(double rd, double rn, double share)
        {
            double alpha = Math.Clamp(plain.Alpha * share, 0.05, 1);
            return [rd, rn, Math.Max(plain.A, 1e-3) * Math.Exp((alpha - plain.Alpha) * centre), Math.Max(plain.B, 1e-3), plain.E, alpha, Math.Clamp(plain.Beta, 0.05, 1)];
        }
    }
}
