namespace ScalingLab.Training.Benchmarks;

/// <summary>Repeated times of one thing. The median is what is quoted; the other two say how far to trust it.</summary>
/// <param name="Median">Seconds; the mean of the middle two when their number is even.</param>
/// <param name="Min">Seconds.</param>
/// <param name="Max">Seconds.</param>
public readonly record struct Timings(double Median, double Min, double Max)
{
    /// <summary>Of one time or more, in any order.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Timings Of(IReadOnlyCollection<double> seconds)
    {
        if (seconds.Count == 0)
            throw new ArgumentException("There must be one time or more.", nameof(seconds));
        double[] sorted = [.. seconds.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Timings(median, sorted[0], sorted[^1]);
    }
}
