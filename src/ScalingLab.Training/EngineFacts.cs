using System.Diagnostics;

namespace ScalingLab.Training;

/// <summary>What the engine of this process is.</summary>
public sealed record EngineFacts
{
    /// <summary>Format.</summary>
    public string Schema { get; init; } = "scalinglab.engine-probe/1";

    /// <summary>Provider: LibTorch or TorchSharp.</summary>
    public required string Provider { get; init; }

    /// <summary>Version of libtorch.</summary>
    public required string Libtorch { get; init; }

    /// <summary>Native library that was loaded; null with another provider.</summary>
    public required string? Library { get; init; }

    /// <summary>BLAS library of CPU products; null when unknown.</summary>
    public required string? BlasLibrary { get; init; }

    /// <summary>Name of its kernels; null when unknown.</summary>
    public required string? BlasCore { get; init; }

    /// <summary>CUDA devices that answer.</summary>
    public required int CudaDevices { get; init; }

    /// <summary>Best rate of a float32 product of 1024 × 1024 matrices on one thread, FLOP/s; null when it was not measured.</summary>
    public required double? PeakFlopsPerSecond { get; init; }

    /// <summary>Asks the engine, loading it when needed.</summary>
    /// <param name="measurePeak">Time products as well, about a second.</param>
    public static EngineFacts Collect(bool measurePeak) => ProviderCapabilities.Describe() with { PeakFlopsPerSecond = measurePeak ? MeasurePeak() : null };

    private static double MeasurePeak()
    {
        const int n = 1024, repeats = 12; // 4 MB a matrix: beyond the second-level cache, as products of a training step are
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        Tensor a = full([n, n], 0.5), b = full([n, n], 0.25);
        double best = double.PositiveInfinity;
        for (int i = 0; i < repeats; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using Tensor product = a.matmul(b);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 2.0 * n * n * n / best;
    }
}
