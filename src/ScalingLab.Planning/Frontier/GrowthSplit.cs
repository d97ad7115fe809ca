using ScalingLab.Laws.Resampling;

namespace ScalingLab.Planning.Frontier;

/// <summary>Growth of compute as a product: duration × chips × achieved FLOP/s a chip, on the models that report all of them.</summary>
/// <remarks>C = seconds · chips · (FLOP/s a chip) holds for each model, least squares is linear in ln y, so the slopes add up exactly.</remarks>
/// <param name="Compute">Trend of compute on these models.</param>
/// <param name="Duration">Of wall-clock time.</param>
/// <param name="Chips">Of the number of chips.</param>
/// <param name="Throughput">Of achieved FLOP/s a chip.</param>
public sealed record GrowthSplit(GrowthTrend Compute, GrowthTrend Duration, GrowthTrend Chips, GrowthTrend Throughput)
{
    /// <summary>A factor's share of the logarithmic growth of compute.</summary>
    public double Share(GrowthTrend factor) => factor.Slope / Compute.Slope;

    /// <summary>Percentile interval of that share: each resample draws the same models for both trends.</summary>
    public Interval? ShareInterval(GrowthTrend factor, double level) => Interval.Percentile(factor.Resamples.Zip(Compute.Resamples, (f, c) => f.Slope / c.Slope), level);

    /// <summary>The split on a subset; null when fewer than <see cref="GrowthTrend.FewestPoints"/> of its models report time, chips and compute.</summary>
    public static GrowthSplit? Of(IReadOnlyList<TrainedModel> rows, ModelSubset subset, int resamples, long seed)
    {
        var chosen = subset.Of(rows, m => m.FlopsPerSecondPerChip);
        double[] years = [.. chosen.Select(m => m.Year)];
        return Trend(m => m.Flops!.Value) is { } compute && Trend(m => m.Hours!.Value) is { } duration && Trend(m => m.Chips!.Value) is { } chips && Trend(m => m.FlopsPerSecondPerChip!.Value) is { } throughput
            ? new(compute, duration, chips, throughput) : null;

        GrowthTrend? Trend(Func<TrainedModel, double> quantity) => GrowthTrend.Through(years, [.. chosen.Select(m => Math.Log(quantity(m)))], resamples, seed);
    }
}
