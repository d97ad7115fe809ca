using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Design;

/// <summary>How large the noise of one observation is to the estimator that was used, and how far observations of one cluster share it.</summary>
/// <param name="Sd">σ with covariance σ²·(Σ J Jᵀ)⁻¹ of the fitted parameters, on the objective's scale: 0.01 is 1 % of the loss when that is logarithmic.</param>
/// <param name="Shared">ρ: correlation of two observations of one cluster, from 0 to 0.95.</param>
/// <param name="Smooth">Whether the residuals are mere rounding: nothing is to be learnt of noise.</param>
public sealed record ResidualNoise(double Sd, double Shared, bool Smooth)
{
    private const double Rounding = 1e-9;
    private const double NormalMedian = 0.6745;
    private const double MostShared = 0.95; // Above it the two parts cannot be told apart by the few clusters met in practice.

    /// <summary>From the residuals of a fit.</summary>
    /// <remarks>
    /// An M-estimator has the variance E[ψ²]/E[ψ']² of a least-squares one (Huber 1981, Robust Statistics, Eq. 7.6.2), ψ the slope of the penalty.
    /// E[ψ'] is a difference quotient over a bandwidth of .9·s·n^(−1/5) (Silverman 1986, Eq. 3.31), since ψ jumps for absolute penalties.
    /// ρ is the mean product of ψ over pairs of one cluster against the mean square.
    /// </remarks>
    public static ResidualNoise Of(FitPoints points, ChinchillaFit fit, int freeParameters)
    {
        int n = points.Count;
        double[] residuals = [.. Enumerable.Range(0, n).Select(i => ChinchillaFitter.Residual(fit.Law, points, i, fit.Objective.Scale))];
        double[] sizes = [.. residuals.Select(Math.Abs).Order()];
        double spread = sizes[n / 2] / NormalMedian;
        if (spread < Rounding)
            return new(0, 0, true);
        double h = 0.9 * spread * Math.Pow(n, -0.2);
        double slope = residuals.Average(r => (Psi(fit.Objective, r + h) - Psi(fit.Objective, r - h)) / (2 * h));
        double[] psi = [.. residuals.Select(r => Psi(fit.Objective, r))];
        double square = psi.Average(p => p * p);
        double inflation = n > freeParameters ? (double)n / (n - freeParameters) : n;
        return new(Math.Sqrt(square * inflation) / slope, SharedShare(points, psi, square), false);
    }

    private static double SharedShare(FitPoints points, double[] psi, double square)
    {
        double products = 0, pairs = 0;
        foreach (var cluster in Enumerable.Range(0, psi.Length).GroupBy(i => points.Clusters[i]).Select(g => g.ToArray()).Where(g => g.Length > 1))
        {
            double sum = cluster.Sum(i => psi[i]), squares = cluster.Sum(i => psi[i] * psi[i]);
            products += (sum * sum - squares) / 2;
            pairs += cluster.Length * (cluster.Length - 1) / 2.0;
        }
        return pairs == 0 ? 0 : Math.Clamp(products / pairs / square, 0, MostShared);
    }

    private static double Psi(Objective objective, double r) => objective.Penalty switch
    {
        Penalty.Absolute => Math.Sign(r),
        Penalty.Squared => 2 * r,
        Penalty.Asymmetric => r > 0 ? objective.Asymmetry!.Value : -1,
        _ => Math.Clamp(r, -objective.Delta!.Value, objective.Delta.Value),
    };
}
