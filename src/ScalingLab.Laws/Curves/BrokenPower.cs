using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>L(X) = a + b·X^−c0·(1 + (X/d1)^(1/f1))^(−c1·f1): a power law whose exponent passes smoothly from c0 to c0 + c1 at X = d1.</summary>
/// <remarks>
/// Caballero et al. 2022, arXiv:2210.14891, Eq. 1 with one break. The passage takes a factor of about e^(4·f1) in X: small f1 is a sharp break.
/// c1 may be below 0: the law is flatter beyond the break then.
/// </remarks>
public sealed record BrokenPower : LossCurve
{
    /// <summary>The law in one column.</summary>
    public BrokenPower(Inputs of)
        : base("broken-power", string.Format(System.Globalization.CultureInfo.InvariantCulture, "L({0}) = a + b*{0}^-c0*(1 + ({0}/d1)^(1/f1))^(-c1*f1)", Letter(of)), "Caballero et al. 2022, arXiv:2210.14891, Eq. 1", of,
            [CurveParameter.Floor("a"), CurveParameter.Scale("b"), CurveParameter.Exponent("c0") with { Low = 0 }, CurveParameter.Exponent("c1") with { Low = -10 }, CurveParameter.Scale("d1"),
                new CurveParameter("f1", true, 1e-3, 1e2)])
    {
    }

    /// <summary>Width of the passage in ln X: over it the share of c1 in the local exponent, 1/(1 + (X/d1)^(−1/f1)), goes from .12 to .88.</summary>
    public static double PassageLogWidth(double f1) => 4 * f1;

    /// <inheritdoc/>
    public override bool Rugged => true;

    /// <inheritdoc/>
    public override Jet LogLoss(in Setting at, ReadOnlySpan<Jet> x)
    {
        double lnX = Math.Log(Read(at));
        Jet sharpness = Jet.Exp(x[5]);
        return Jet.Log(x[0] + Jet.Exp(x[1] - x[2] * lnX - x[3] * sharpness * Jet.LogSumExp(0, (lnX - x[4]) / sharpness)));
    }

    // A break at each quarter of the data, sharp or smooth, steeper or flatter after it.
    /// <inheritdoc/>
    public override IEnumerable<double[]> Starts(FitPoints points)
    {
        const double FloorShare = 0.3; // a over the least loss.
        double[] sorted = [.. Enumerable.Range(0, points.Count).Select(i => Math.Log(Read(points.Setting(i)))).Order()];
        double loss = Math.Exp(MeanLog(points.Loss)), least = points.Loss.Min();
        foreach (double quantile in new[] { 0.25, 0.5, 0.75 })
        {
            double lnBreak = sorted[(int)(quantile * (sorted.Length - 1))];
            foreach (double width in new[] { 0.1, 0.6 })
            {
                foreach ((double before, double after) in new[] { (0.05, 0.3), (0.3, 0.05), (0.02, 1.5), (0.15, 0.15) })
                {
                    yield return [FloorShare * least, (loss - FloorShare * least) * Math.Exp(before * lnBreak), before, after - before, Math.Exp(lnBreak), width];
                }
            }
        }
    }

    /// <summary>The column of the law at a setting.</summary>
    public double Read(in Setting at) => Inputs switch { Inputs.Parameters => at.N, Inputs.Tokens => at.D, _ => at.C };

    private static char Letter(Inputs of) => of switch { Inputs.Parameters => 'N', Inputs.Tokens => 'D', _ => 'C' };
}
