using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Intervals;

/// <summary>How far single observations lie from a fitted law, and whether that depends on their cost.</summary>
/// <remarks>
/// 1. The noise of a new run is one of the residuals, observed less predicted, times √(n/(n − p)): p parameters have drawn the law towards its observations.
/// 2. ln|r| is regressed on ln C, or on the logarithm of the predicted loss where there is no C (Harvey 1976, doi:10.2307/1913974). When Student's statistic of the
///    slope passes <see cref="Trend"/>, each residual is brought to the cost asked for along that line, which is not followed beyond the data.
/// </remarks>
public sealed class RunNoise
{
    private const double Trend = 3;          // A chance in 400 when there is none.
    private const double LeastShare = 1e-3;  // Of the median |r|: points on the law itself have no logarithm.
    private readonly double[] residuals, covariate;
    private readonly double low, high;

    private RunNoise(double[] residuals, double[] covariate, double slope) =>
        (this.residuals, this.covariate, Slope, low, high) = (residuals, covariate, slope, covariate.Min(), covariate.Max());

    /// <summary>d ln|r| / d ln C when the noise depends on it, else 0.</summary>
    public double Slope { get; }

    /// <summary>The noise about a fit.</summary>
    /// <param name="points">Data.</param>
    /// <param name="predicted">Predicted loss of each point.</param>
    /// <param name="scale">Scale of the residuals.</param>
    /// <param name="freeParameters">p.</param>
    public static RunNoise Of(FitPoints points, double[] predicted, ResidualScale scale, int freeParameters)
    {
        int n = points.Count;
        double wider = Math.Sqrt(n / Math.Max(1.0, n - freeParameters));
        double[] residuals = new double[n], covariate = new double[n];
        bool compute = points.Flops.All(c => c > 0);
        for (int i = 0; i < n; i++)
        {
            residuals[i] = wider * (scale == ResidualScale.Log ? Math.Log(points.Loss[i] / predicted[i]) : points.Loss[i] - predicted[i]);
            covariate[i] = Math.Log(compute ? points.Flops[i] : predicted[i]);
        }
        return new RunNoise(residuals, covariate, TrendOf(residuals, covariate));
    }

    /// <summary>Noise that a run of a cost may have, on the scale of the residuals.</summary>
    /// <param name="flops">C; null when unknown.</param>
    /// <param name="predicted">Predicted loss.</param>
    public double[] At(double? flops, double predicted)
    {
        if (Slope == 0)
            return residuals;
        double at = Math.Clamp(Math.Log(flops ?? predicted), low, high);
        return [.. residuals.Select((r, i) => r * Math.Exp(Slope * (at - covariate[i])))];
    }

    private static double TrendOf(double[] residuals, double[] covariate)
    {
        int n = residuals.Length;
        double[] sizes = [.. residuals.Select(Math.Abs)];
        double floor = LeastShare * sizes.Order().ElementAt(n / 2);
        double mean = covariate.Average(), spread = covariate.Sum(c => (c - mean) * (c - mean));
        if (n < 8 || !(floor > 0) || !(spread > 0))
            return 0;
        double[] logs = [.. sizes.Select(s => Math.Log(Math.Max(s, floor)))];
        double centre = logs.Average(), slope = logs.Zip(covariate, (l, c) => (l - centre) * (c - mean)).Sum() / spread;
        double left = logs.Zip(covariate, (l, c) => l - centre - slope * (c - mean)).Sum(e => e * e);
        return Math.Abs(slope) > Trend * Math.Sqrt(left / (n - 2) / spread) ? slope : 0;
    }
}
