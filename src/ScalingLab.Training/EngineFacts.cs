using ScalingLab.Training.Benchmarks;

namespace ScalingLab.Training;

/// <summary>What the engine is, as seen from inside a process that has loaded it: the JSON of <c>engine-probe</c>.</summary>
public sealed record EngineFacts
{
    /// <summary>Why the engine does not run; null when it does.</summary>
    public string? Problem { get; init; }

    /// <summary>Provider: LibTorch or TorchSharp.</summary>
    public string? Provider { get; init; }

    /// <summary>Version of libtorch.</summary>
    public string? LibtorchVersion { get; init; }

    /// <summary>File of the BLAS that CPU products run on; null when unknown.</summary>
    public string? BlasLibrary { get; init; }

    /// <summary>The BLAS's description of its build, e.g. OpenBLAS 0.3.21 ... USE_OPENMP.</summary>
    public string? BlasConfiguration { get; init; }

    /// <summary>Set of kernels that the BLAS chose, e.g. SkylakeX.</summary>
    public string? BlasKernels { get; init; }

    /// <summary>CUDA devices that libtorch can use.</summary>
    public int CudaDevices { get; init; }

    /// <summary>Whether the engine was built with CUDA's headers, so that a step on a GPU can be one graph.</summary>
    public bool CudaGraphs { get; init; }

    /// <summary>Rate of a float32 product of 1024 × 1024 matrices, FLOP/s; null when it was not measured.</summary>
    public double? PeakFlopsPerSecond { get; init; }

    /// <summary>Asks the engine, loading it when needed.</summary>
    /// <param name="measurePeak">Time products as well, a quarter of a second.</param>
    public static EngineFacts Collect(bool measurePeak)
    {
        EngineFacts facts = ProviderCapabilities.Describe();
        return measurePeak ? facts with { PeakFlopsPerSecond = ProductPeak.FlopsPerSecond(1024) } : facts;
    }
}
