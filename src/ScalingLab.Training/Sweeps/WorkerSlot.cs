using ScalingLab.Core.Devices;

namespace ScalingLab.Training.Sweeps;

/// <summary>A place for one worker at a time.</summary>
/// <param name="Device">Where it trains.</param>
/// <param name="Alone">Whether no other worker of the sweep has a place on that GPU, or on the processor: only then its energy is the run's.</param>
public sealed record WorkerSlot(DeviceName Device, bool Alone)
{
    /// <summary>So many places on the processor.</summary>
    public static IReadOnlyList<WorkerSlot> OnCpu(int workers) => [.. Enumerable.Repeat(new WorkerSlot(DeviceName.Cpu, workers == 1), workers)];

    /// <summary>So many places dealt out over GPUs in turn, so that the largest runs, which start first, go to different ones.</summary>
    /// <param name="workers">1 or more.</param>
    /// <param name="gpus">1 or more.</param>
    public static IReadOnlyList<WorkerSlot> OnGpus(int workers, IReadOnlyList<GpuDevice> gpus) =>
        [.. Enumerable.Range(0, workers).Select(i => new WorkerSlot(gpus[i % gpus.Count].Device, Alone: i + gpus.Count >= workers && i < gpus.Count))];
}
