using MathNet.Numerics;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Intervals;

/// <summary>Covariance of a fit that trusts neither its likelihood nor the independence of its observations.</summary>
/// <remarks>
/// 1. A = Σ c_i J_i J_iᵀ is the curvature of the objective. Where ρ has kinks c_i is the mean of ρ'' over a normal kernel about r_i, whose width is
///    Silverman's rule: the kernel estimate of Powell 1991 for absolute deviations.
/// 2. Leaving out cluster g moves the fit by (A − A_g)⁻¹ s_g to first order, s_g = Σ ρ'(r_i) J_i over the cluster.
/// 3. The covariance is (G − 1)/G times the sum of squares of these moves: the cluster jackknife, CR3 of Bell and McCaffrey 2002, HC3 when every cluster is one observation.
/// </remarks>
public sealed class Sandwich
{
    private readonly int[] free;
    private readonly double[] factor;
    private readonly double[][] moves;

    private Sandwich(int[] free, double[] factor, double[][] moves) => (this.free, this.factor, this.moves) = (free, factor, moves);

    /// <summary>Of a problem at its minimum.</summary>
    /// <param name="problem">Problem.</param>
    /// <param name="best">Minimum.</param>
    /// <param name="free">Variables that are free and not on a bound.</param>
    /// <param name="objective">Objective.</param>
    /// <param name="points">The data, with their clusters and weights.</param>
    /// <returns>Null when some variables cannot be told apart.</returns>
    public static Sandwich? Of(IPenalisedProblem problem, ReadOnlySpan<double> best, int[] free, Objective objective, FitPoints points)
    {
        (int[] clusters, int clusterCount, double[] weights) = (points.Clusters, points.ClusterCount, points.Weights(objective.Scale));
        int n = clusters.Length, p = problem.Dimension, k = free.Length;
        double[] residuals = new double[n], jacobian = new double[n * p];
        problem.Residuals(best, residuals, jacobian);
        double[] unit = [.. free.Select(v => Math.Sqrt(Enumerable.Range(0, n).Sum(i => jacobian[i * p + v] * jacobian[i * p + v])))];
        if (k == 0 || unit.Any(u => !(u > 0)))
            return null;
        double width = Silverman(residuals);
        var whole = new double[k * k];
        var parts = new double[clusterCount][];
        var scores = new double[clusterCount][];
        for (int g = 0; g < clusterCount; g++)
            (parts[g], scores[g]) = (new double[k * k], new double[k]);
        for (int i = 0; i < n; i++)
        {
            double c = weights[i] * Curvature(objective, residuals[i], width), slope = weights[i] * objective.Slope(residuals[i]);
            double[] part = parts[clusters[i]], score = scores[clusters[i]];
            for (int r = 0; r < k; r++)
            {
                double jr = jacobian[i * p + free[r]] / unit[r];
                score[r] += slope * jr;
                for (int q = 0; q <= r; q++)
                    part[r * k + q] += c * jr * jacobian[i * p + free[q]] / unit[q];
            }
        }
        foreach (double[] part in parts)
        {
            for (int e = 0; e < whole.Length; e++)
                whole[e] += part[e];
        }
        double[] factor = [.. whole];
        if (!SmallCholesky.Factor(factor, k))
            return null;
        double[] without = new double[k * k];
        double share = Math.Sqrt((clusterCount - 1.0) / clusterCount);
        for (int g = 0; g < clusterCount; g++)
        {
            for (int e = 0; e < whole.Length; e++)
                without[e] = whole[e] - parts[g][e];
            if (!SmallCholesky.Factor(without, k))
                return null;
            SmallCholesky.Solve(without, k, scores[g]);
            for (int r = 0; r < k; r++)
                scores[g][r] *= share / unit[r];
        }
        for (int r = 0; r < k; r++)
        {
            for (int q = 0; q <= r; q++)
                factor[r * k + q] *= unit[r]; // The factor of A itself.
        }
        return new Sandwich(free, factor, scores);
    }

    /// <summary>Variance of a quantity with this gradient.</summary>
    public double Variance(ReadOnlySpan<double> gradient)
    {
        double sum = 0;
        foreach (double[] move in moves)
        {
            double m = Move(move, gradient);
            sum += m * m;
        }
        return sum;
    }

    /// <summary>∇qᵀ A⁻¹ ∇q: its variance, were the likelihood of scale 1 true.</summary>
    public double InverseCurvature(ReadOnlySpan<double> gradient)
    {
        int k = free.Length;
        Span<double> solution = stackalloc double[k];
        for (int r = 0; r < k; r++)
            solution[r] = gradient[free[r]];
        SmallCholesky.Solve(factor, k, solution);
        double sum = 0;
        for (int r = 0; r < k; r++)
            sum += solution[r] * gradient[free[r]];
        return sum;
    }

    /// <summary>Skewness of the clusters' influences over 6: the acceleration of Efron 1987, doi:10.1080/01621459.1987.10478410.</summary>
    public double Acceleration(ReadOnlySpan<double> gradient)
    {
        double squares = 0, cubes = 0;
        foreach (double[] move in moves)
        {
            double m = -Move(move, gradient); // Leaving a cluster out is the opposite of adding it.
            squares += m * m;
            cubes += m * m * m;
        }
        return squares > 0 ? cubes / (6 * Math.Pow(squares, 1.5)) : 0;
    }

    private double Move(double[] move, ReadOnlySpan<double> gradient)
    {
        double sum = 0;
        for (int r = 0; r < free.Length; r++)
            sum += move[r] * gradient[free[r]];
        return sum;
    }

    private static double Curvature(Objective objective, double r, double width) => objective.Penalty switch
    {
        Penalty.Squared => 2,
        Penalty.Absolute => 2 * Density(r / width) / width,
        Penalty.Asymmetric => (1 + objective.Asymmetry!.Value) * Density(r / width) / width,
        _ => width > 0 ? Cumulative((objective.Delta!.Value - r) / width) - Cumulative((-objective.Delta.Value - r) / width) : Math.Abs(r) <= objective.Delta ? 1 : 0,
    };

    private static double Density(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);

    private static double Cumulative(double z) => SpecialFunctions.Erfc(-z / Math.Sqrt(2)) / 2;

    // Silverman 1986, Eq. 3.31: 0.9·min(standard deviation, interquartile range/1.34)·n^(−1/5).
    private static double Silverman(double[] residuals)
    {
        double[] sorted = [.. residuals.Order()];
        double mean = sorted.Average(), deviation = Math.Sqrt(sorted.Sum(r => (r - mean) * (r - mean)) / Math.Max(1, sorted.Length - 1));
        double range = (sorted[sorted.Length * 3 / 4] - sorted[sorted.Length / 4]) / 1.34;
        return 0.9 * (range > 0 ? Math.Min(deviation, range) : deviation) * Math.Pow(sorted.Length, -0.2);
    }
}
