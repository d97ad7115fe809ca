using System.Diagnostics;

namespace ScalingLab.Training.Benchmarks;

/// <summary>The best rate of a float32 matrix product that this process reaches: the peak that shares are quoted of.</summary>
public static class ProductPeak
{
    private const int Repeats = 12;
    private static readonly int[] Sizes = [1024];

    /// <summary>The best of repeated square products on the threads in force, FLOP/s; takes about half a second on one core.</summary>
    public static double FlopsPerSecond() => Sizes.Max(n => ProductBenchmark.FlopsOf(n, n, n) / ProductBenchmark.Time(n, n, n, Repeats).Min);
}
