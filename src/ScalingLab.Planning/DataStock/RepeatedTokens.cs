using ScalingLab.Laws.Curves;

namespace ScalingLab.Planning.DataStock;

/// <summary>What repeated tokens are worth.</summary>
/// <remarks>
/// Muennighoff et al. 2023, arXiv:2305.16264, Eq. 5: U distinct tokens seen D/U times are worth D' = U + U·rd·(1 − e^(−R/rd)) fresh ones, R = D/U − 1.
/// Constants of their published code: ln E .6254804, ln A 6.255414, ln B 7.3049974, α = β = .3526596, rd 15.387756, rn 5.309743. Their objective has better minima with other rd: docs/laws.md.
/// </remarks>
public static class RepeatedTokens
{
    /// <summary>rd: repetitions after which the worth of one more has fallen to 1/e.</summary>
    public const double Decay = 15.387756;

    private static readonly double[] Published = [Decay, 5.309743, Math.Exp(6.255414), Math.Exp(7.3049974), Math.Exp(0.6254804), 0.3526596, 0.3526596]; // rd, rn, A, B, E, α, β
    private static readonly DataConstrained Law = new();

    /// <summary>D': fresh tokens that do as much.</summary>
    /// <param name="unique">U, above 0.</param>
    /// <param name="seen">D, at least U for repeats; fewer are all fresh.</param>
    public static double Worth(double unique, double seen) => seen <= unique ? seen : unique * (1 - Decay * double.ExpM1(-(seen / unique - 1) / Decay));

    /// <summary>dD'/dD: what the next token is worth of a fresh one after that many epochs, 1 up to the first.</summary>
    public static double NextToken(double epochs) => epochs <= 1 ? 1 : Math.Exp(-(epochs - 1) / Decay);

    /// <summary>Epochs that are worth a number of fresh tokens; null when no number of them is, from (1 + rd)·U on.</summary>
    public static double? EpochsFor(double unique, double fresh)
    {
        double share = (fresh / unique - 1) / Decay;
        return fresh <= unique ? fresh / unique : share < 1 ? 1 - Decay * Math.Log(1 - share) : null;
    }

    /// <summary>Loss of N parameters on D tokens of which U are distinct, nats per token, by the published constants.</summary>
    public static double Loss(double parameters, double seen, double unique) => Law.Loss(new Setting(parameters, seen, 0, unique), Published);
}
