using System.Runtime.CompilerServices;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Planning.Frontier;

/// <summary>An exponential trend, ln y = a + b (year − centre), by least squares, with case resamples.</summary>
/// <param name="Centre">Mean year of the points.</param>
/// <param name="Level">a: ln y at the centre.</param>
/// <param name="Slope">b, per year.</param>
/// <param name="SlopeError">Standard error of b under equal, independent errors.</param>
/// <param name="RSquared">Share of the variance of ln y that the line explains.</param>
/// <param name="Count">Points.</param>
/// <param name="First">Year of the first.</param>
/// <param name="Last">Year of the last.</param>
/// <param name="Resamples">(a, b) of each resample that has two dates.</param>
public sealed record GrowthTrend(double Centre, double Level, double Slope, double SlopeError, double RSquared, int Count, double First, double Last, IReadOnlyList<(double Level, double Slope)> Resamples)
{
    /// <summary>Fewest points that a trend is drawn through.</summary>
    public const int FewestPoints = 5;

    /// <summary>Factor a year, e^b.</summary>
    public double Growth => Math.Exp(Slope);

    /// <summary>The trend's y in a year.</summary>
    public double At(double year) => Math.Exp(Level + Slope * (year - Centre));

    /// <summary>Year in which the trend passes a value; null when it does not rise.</summary>
    public double? YearOf(double value) => Slope > 0 ? Centre + (Math.Log(value) - Level) / Slope : null;

    /// <summary>Percentile interval of the growth.</summary>
    public Interval? GrowthInterval(double level) => Interval.Percentile(Resamples.Select(r => Math.Exp(r.Slope)), level);

    /// <summary>Interval of the growth from the standard error and the normal distribution.</summary>
    /// <param name="normalQuantile">1.6449 for 90 %, 1.96 for 95 %.</param>
    public Interval GrowthByStandardError(double normalQuantile) => new(Math.Exp(Slope - normalQuantile * SlopeError), Math.Exp(Slope + normalQuantile * SlopeError));

    /// <summary>Percentile interval of y in a year.</summary>
    public Interval? IntervalAt(double year, double level) => Interval.Percentile(Resamples.Select(r => Math.Exp(r.Level + r.Slope * (year - Centre))), level);

    /// <summary>The trend through points; null when they are fewer than <see cref="FewestPoints"/> or share one date.</summary>
    /// <param name="years">Years.</param>
    /// <param name="logs">ln y of each.</param>
    /// <param name="resamples">Case resamples, 0 for none: points drawn with replacement, a random stream for each resample.</param>
    /// <param name="seed">Seed of the streams.</param>
    public static GrowthTrend? Through(ReadOnlySpan<double> years, ReadOnlySpan<double> logs, int resamples, long seed)
    {
        int n = years.Length;
        if (n < FewestPoints)
            return null;
        double centre = 0, first = double.PositiveInfinity, last = double.NegativeInfinity;
        foreach (double year in years)
            (centre, first, last) = (centre + year / n, Math.Min(first, year), Math.Max(last, year));
        if (!(last > first))
            return null;
        double[] x = new double[n], y = logs.ToArray();
        for (int i = 0; i < n; i++)
            x[i] = years[i] - centre;
        (double level, double slope) = Line(x, y, null);
        double mean = y.Average(), left = 0, all = 0, xx = 0;
        for (int i = 0; i < n; i++)
        {
            double residual = y[i] - level - slope * x[i];
            (left, all, xx) = (left + residual * residual, all + (y[i] - mean) * (y[i] - mean), xx + x[i] * x[i]);
        }
        var drawn = new (double, double)[resamples];
        Parallel.For(0, resamples, () => new int[n], (r, _, indices) =>
        {
            Draw(new RandomStream(seed, r), indices);
            drawn[r] = Line(x, y, indices);
            return indices;
        }, _ => { });
        return new(centre, level, slope, Math.Sqrt(left / (n - 2) / xx), all > 0 ? 1 - left / all : 1, n, first, last, [.. drawn.Where(d => double.IsFinite(d.Item2))]);
    }

    // Compiled in full at once: in a process of a third of a second these loops would else run half of their time before that.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Draw(RandomStream random, int[] indices)
    {
        for (int i = 0; i < indices.Length; i++)
            indices[i] = random.NextIndex(indices.Length);
    }

    // Level at x = 0 and slope; NaN when all x are one.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Level, double Slope) Line(double[] x, double[] y, int[]? indices)
    {
        double sx = 0, sy = 0, sxx = 0, sxy = 0;
        int n = x.Length;
        for (int i = 0; i < n; i++)
        {
            int k = indices is null ? i : indices[i];
            double xk = x[k], yk = y[k];
            sx += xk;
            sy += yk;
            sxx += xk * xk;
            sxy += xk * yk;
        }
        double spread = sxx - sx * sx / n;
        double slope = spread > 1e-12 * sxx ? (sxy - sx * sy / n) / spread : double.NaN;
        return ((sy - slope * sx) / n, slope);
    }
}
