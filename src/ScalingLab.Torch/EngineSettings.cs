namespace ScalingLab.Torch;

/// <summary>What must be decided before libtorch is loaded.</summary>
public sealed record EngineSettings
{
    /// <summary>Threads an operator may use. One a worker: several single-threaded runs beat one run on several threads.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>OpenBLAS kernels by core name, or null for the best that the CPU has.</summary>
    public string? BlasCore { get; init; }
}
