namespace ScalingLab.Laws.Resampling;

/// <summary>An interval of resampled values.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>Whether a value lies in it, ends included.</summary>
    public bool Contains(double value) => value >= Low && value <= High;

    /// <summary>The central share of the values; null when none is finite.</summary>
    /// <remarks>Efron's percentile interval. Quantiles interpolate linearly between order statistics (type 7 of Hyndman and Fan 1996).</remarks>
    /// <param name="values">Resampled values; those that are not finite are left out.</param>
    /// <param name="level">Share between the ends, above 0 and below 1.</param>
    public static Interval? Percentile(IEnumerable<double> values, double level)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        return sorted.Length == 0 ? null : new(Quantile(sorted, (1 - level) / 2), Quantile(sorted, (1 + level) / 2));
    }

    private static double Quantile(double[] sorted, double share)
    {
        double position = share * (sorted.Length - 1);
        int below = (int)position;
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]);
    }
}
