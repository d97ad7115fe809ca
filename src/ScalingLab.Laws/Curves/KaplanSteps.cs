using ScalingLab.Core.Tables;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>L(N, S) = (Nc/N)^αN + (Sc/Smin)^αS: the learning curve of a model of N parameters after S steps, with data without end.</summary>
/// <remarks>
/// Kaplan et al. 2020, arXiv:2001.08361, Eq. 1.6 (5.6), N without embeddings, where
/// 1. Smin = S/(1 + Bcrit(L)/B) for a batch of B tokens (Eq. 5.4), and
/// 2. Bcrit(L) = B*/L^(1/αB) (Eq. 1.4, 5.3).
/// They take the measured loss in 2; a law that foretells has none, so here L is the law's own: the one solution of
/// L = (Nc/N)^αN + (Sc·(1 + B*/(B·L^(1/αB)))/S)^αS, whose right side falls with L.
/// With f = ln L, g(f) = ln(right side) − f is convex and falling, so Newton's method climbs to its root from the loss at Smin = S.
/// Each further step over jets, with the slope kept, gains an order of derivatives: two give gradient and Hessian.
/// </remarks>
public sealed record KaplanSteps : LossCurve
{
    private const double Precision = 1e-15;
    private readonly bool batch;

    private KaplanSteps(bool batch)
        : base("kaplan-ns", batch ? "L(N, S, B) = (Nc/N)^alphaN + (Sc/Smin)^alphaS, Smin = S/(1 + Bcrit(L)/B), Bcrit(L) = Bstar/L^(1/alphaB)" : "L(N, S) = (Nc/N)^alphaN + (Sc/Smin)^alphaS, Smin = S",
            "Kaplan et al. 2020, arXiv:2001.08361, Eq. 1.6, 5.4 and 5.3", Inputs.Parameters | Inputs.Steps | (batch ? Inputs.BatchTokens : 0),
            [CurveParameter.Scale("Nc"), CurveParameter.Exponent("alphaN"), CurveParameter.Scale("Sc"), CurveParameter.Exponent("alphaS"),
                .. batch ? [CurveParameter.Scale("Bstar"), CurveParameter.Exponent("alphaB")] : Array.Empty<CurveParameter>()]) => this.batch = batch;

    /// <summary>S counts steps in batches of B tokens.</summary>
    public static readonly KaplanSteps WithBatch = new(true);

    /// <summary>S is Smin: steps in batches far above the critical one.</summary>
    public static readonly KaplanSteps Minimal = new(false);

    /// <inheritdoc/>
    public override LossCurve For(ObservationTable table) => table.Rows.Any(r => r.BatchTokens is not null) ? WithBatch : Minimal;

    /// <inheritdoc/>
    public override Jet LogLoss(in Setting at, ReadOnlySpan<Jet> x)
    {
        Jet size = x[1] * (x[0] - Math.Log(at.N)), time = x[3] * (x[2] - Math.Log(at.S));
        if (!batch)
            return Jet.LogSumExp(size, time);

        (double logLoss, double slope) = Root(size.Value, time.Value, x[3].Value, x[4].Value - Math.Log(at.B), x[5].Value);
        Jet f = logLoss, relativeBatch = x[4] - Math.Log(at.B);
        for (int order = 1; order <= 2; order++)
            f -= (Jet.LogSumExp(size, time + x[3] * Jet.LogSumExp(0, relativeBatch - f / x[5])) - f) * (1 / slope);
        return f;
    }

    // The root of g and g' there, in plain numbers.
    internal static (double LogLoss, double Slope) Root(double size, double time, double alphaS, double relativeBatch, double alphaB)
    {
        double f = LogSumExp(size, time), slope = -1;
        for (int step = 0; step < 100; step++)
        {
            double excess = relativeBatch - f / alphaB, slowed = time + alphaS * LogSumExp(0, excess), right = LogSumExp(size, slowed);
            slope = -1 - Math.Exp(slowed - right) * alphaS / (alphaB * (1 + Math.Exp(-excess)));
            double move = (right - f) / slope;
            f -= move;
            if (!(Math.Abs(move) > Precision * Math.Max(1, Math.Abs(f))))
                break;
        }
        return (f, slope);
    }

    private static double LogSumExp(double a, double b) => Math.Max(a, b) + Math.Log(1 + Math.Exp(-Math.Abs(a - b)));

    /// <inheritdoc/>
    public override CurveEvaluator Evaluator(int[] free) => batch ? new KaplanStepsEvaluator(free) : new JetEvaluator(this, free);

    // Amid the data the two terms share the loss, and the batch is a share of the critical one or equal to it.
    /// <inheritdoc/>
    public override IEnumerable<double[]> Starts(FitPoints points)
    {
        double n = MeanLog(points.Parameters), s = MeanLog(points.Steps), loss = MeanLog(points.Loss), b = batch ? MeanLog(points.BatchTokens) : 0;
        const double AlphaB = 0.21; // Theirs.
        foreach (double share in new[] { 0.5, 0.85 })
        {
            foreach (double alphaN in new[] { 0.07, 0.25 })
            {
                foreach (double alphaS in new[] { 0.3, 0.8 })
                {
                    double[] plain = [Math.Exp(n + (loss + Math.Log(share)) / alphaN), alphaN, Math.Exp(s + (loss + Math.Log(1 - share)) / alphaS), alphaS];
                    foreach (double critical in batch ? new[] { 0.1, 3 } : [0.0])
                        yield return batch ? [plain[0], alphaN, plain[2] / (1 + critical), alphaS, critical * Math.Exp(b + loss / AlphaB), AlphaB] : plain;
                }
            }
        }
    }
}
