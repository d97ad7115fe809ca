namespace ScalingLab.Laws.Backtests;

/// <summary>Summaries of relative errors.</summary>
public static class Errors
{
    /// <summary>Median of the absolute values; null without any.</summary>
    public static double? MedianSize(IEnumerable<double> errors) => SizeQuantile(errors, 0.5);

    /// <summary>A quantile of the absolute values; null without any.</summary>
    public static double? SizeQuantile(IEnumerable<double> errors, double share)
    {
        double[] sorted = [.. errors.Select(e => Math.Abs(e)).Order()];
        if (sorted.Length == 0)
            return null;
        double position = share * (sorted.Length - 1);
        int below = (int)position;
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]);
    }
}
