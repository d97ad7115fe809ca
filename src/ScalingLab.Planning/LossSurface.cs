using ScalingLab.Laws;

namespace ScalingLab.Planning;

/// <summary>How repeated tokens and excess parameters lose value.</summary>
/// <param name="Rd">Repetitions after which a token is worth 1/e of a new one.</param>
/// <param name="Rn">The same for parameters beyond the best number for the distinct tokens.</param>
public sealed record RepetitionDecay(double Rd, double Rn)
{
    /// <summary>Muennighoff et al. 2023, arXiv:2305.16264: R_D* and R_N* of the published code.</summary>
    public static readonly RepetitionDecay Muennighoff = new(15.387756, 5.309743);
}

/// <summary>Loss over (N, D) by Chinchilla's law, with decay where only so many distinct tokens exist.</summary>
/// <param name="Law">E, A, B, α, β.</param>
/// <param name="UniqueTokens">U, distinct tokens; null for no limit.</param>
/// <param name="Decay">Decay beyond them.</param>
public sealed record LossSurface(ChinchillaLaw Law, double? UniqueTokens = null, RepetitionDecay? Decay = null)
{
    /// <summary>L(N, D), nats a token.</summary>
    /// <remarks>
    /// Muennighoff et al. 2023, arXiv:2305.16264, Eq. 5 and 6; the same formula with derivatives is <see cref="ScalingLab.Laws.Curves.DataConstrained"/>.
    /// While tokens last (D ≤ U) it is Chinchilla's law unchanged, as long as N is at most the best for D.
    /// </remarks>
    public double Loss(double n, double d)
    {
        if (UniqueTokens is not { } unique)
            return Law.Loss(n, d).Value;
        var decay = Decay ?? RepetitionDecay.Muennighoff;
        double u = Math.Min(unique, d);
        double best = Math.Min(n, BestParameters(u));
        return Law.Loss(Effective(best, n, decay.Rn), Effective(u, d, decay.Rd)).Value;
    }

    /// <summary>The N for which D tokens are compute-optimal: G·(D·G)^(β/α), from Hoffmann et al. 2022, Eq. 4.</summary>
    public double BestParameters(double d)
    {
        double g = Math.Pow(Law.Alpha * Law.A / (Law.Beta * Law.B), 1 / (Law.Alpha + Law.Beta));
        return g * Math.Pow(d * g, Law.Beta / Law.Alpha);
    }

    /// <summary>The D that reaches a loss with N parameters; null when no D does.</summary>
    public double? TokensFor(double n, double loss)
    {
        if (UniqueTokens is null)
        {
            double rest = loss - Law.E - Law.A * Math.Pow(n, -Law.Alpha);
            return rest > 0 ? Math.Pow(Law.B / rest, 1 / Law.Beta) : null;
        }
        var decay = Decay ?? RepetitionDecay.Muennighoff;
        double unique = UniqueTokens.Value, whole = Math.Min(n, BestParameters(unique));
        double left = loss - Law.E - Law.A * Math.Pow(Effective(whole, n, decay.Rn), -Law.Alpha);
        if (left <= 0)
            return null;
        double effective = Math.Pow(Law.B / left, 1 / Law.Beta);
        if (effective >= unique)
        {
            double share = (effective / unique - 1) / decay.Rd; // 1 − e^(−R/rd)
            return share < 1 ? unique * (1 - decay.Rd * Math.Log(1 - share)) : null;
        }
        return n <= BestParameters(effective) ? effective : Bisected(n, loss, effective, unique);
    }

    // Below U with parameters to spare, N' depends on D too.
    private double Bisected(double n, double loss, double from, double to)
    {
        double low = Math.Log(from), high = Math.Log(to);
        while (high - low > 1e-12)
        {
            double middle = (low + high) / 2;
            if (middle == low || middle == high)
                break;
            (low, high) = Loss(n, Math.Exp(middle)) > loss ? (middle, high) : (low, middle);
        }
        return Math.Exp(high);
    }

    // U + U·r·(1 − e^(−R/r)) with R = value/U − 1 repetitions.
    private static double Effective(double unique, double value, double r) => unique - unique * r * ExpLessOne((1 - value / unique) / r);

    // e^x − 1 without the loss of digits near 0.
    private static double ExpLessOne(double x) => Math.Abs(x) < 1e-5 ? x + x * x / 2 : Math.Exp(x) - 1;
}
