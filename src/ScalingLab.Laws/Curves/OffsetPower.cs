using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>L(X) = E + A/X^α in one of N, D, C: a power law above an irreducible loss.</summary>
/// <remarks>Henighan et al. 2020, arXiv:2010.14701, Eq. 1.1; in C as Porian et al. 2024, arXiv:2406.19146, have the loss at the optimum.</remarks>
public sealed record OffsetPower : LossCurve
{
    /// <summary>The law in one column.</summary>
    public OffsetPower(Inputs of)
        : base("power", $"L({Letter(of)}) = E + A/{Letter(of)}^alpha", "Henighan et al. 2020, arXiv:2010.14701, Eq. 1.1", of,
            [CurveParameter.Scale("A"), CurveParameter.Floor("E"), CurveParameter.Exponent("alpha")])
    {
    }

    /// <inheritdoc/>
    public override Jet LogLoss(in Setting at, ReadOnlySpan<Jet> x) => Jet.Log(x[1] + Jet.Exp(x[0] - x[2] * Math.Log(Read(at))));

    // E is at a share of the least loss, and the curve passes through the middle of the data.
    /// <inheritdoc/>
    public override IEnumerable<double[]> Starts(FitPoints points)
    {
        double centre = Enumerable.Range(0, points.Count).Average(i => Math.Log(Read(points.Setting(i)))), loss = Math.Exp(MeanLog(points.Loss)), least = points.Loss.Min();
        foreach (double share in new[] { 0.1, 0.5, 0.9 })
        {
            foreach (double alpha in new[] { 0.05, 0.2, 0.6 })
                yield return [(loss - share * least) * Math.Exp(alpha * centre), share * least, alpha];
        }
    }

    private double Read(in Setting at) => Inputs switch { Inputs.Parameters => at.N, Inputs.Tokens => at.D, _ => at.C };

    private static char Letter(Inputs of) => of switch { Inputs.Parameters => 'N', Inputs.Tokens => 'D', _ => 'C' };
}
