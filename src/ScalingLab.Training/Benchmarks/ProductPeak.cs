namespace ScalingLab.Training.Benchmarks;

/// <summary>The rate of matrix products that this process reaches: the peak that shares are quoted of.</summary>
/// <remarks>At the median time, as steps are: a single lucky time would make a peak that nothing sustains.</remarks>
public static class ProductPeak
{
    private const double Seconds = 0.2; // a size

    /// <summary>Sizes from one that the caches hold to one that they do not.</summary>
    public static IReadOnlyList<long> Sizes { get; } = [512, 1024];

    /// <summary>Sizes that fill a GPU.</summary>
    public static IReadOnlyList<long> GpuSizes { get; } = [4096, 8192];

    /// <summary>The best of square products of some sizes, each at its median time, on the threads in force; FLOP/s.</summary>
    public static double FlopsPerSecond(params IEnumerable<long> sizes) => FlopsPerSecond(BenchDevice.Cpu, sizes);

    /// <summary>The best of square products on a device, of sizes that suit it.</summary>
    public static double FlopsPerSecond(BenchDevice device) => FlopsPerSecond(device, device.Device.IsCuda ? GpuSizes : Sizes);

    private static double FlopsPerSecond(BenchDevice device, IEnumerable<long> sizes) => sizes.Select(Product.Square).Max(p => p.Flops / ProductBenchmark.Time(p, Seconds, device).Median);
}
