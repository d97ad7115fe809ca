namespace ScalingLab.Core.Devices;

/// <summary>A CUDA device that this process may use.</summary>
/// <param name="Index">Number among the visible ones, as in <c>cuda:i</c>.</param>
/// <param name="Name">As the driver names it, e.g. NVIDIA H100 80GB HBM3.</param>
/// <param name="MemoryBytes">Memory; null when unknown.</param>
/// <param name="Uuid">As NVIDIA's tools write it, <c>GPU-8-4-4-4-12</c>; null when unknown.</param>
public sealed record GpuDevice(int Index, string Name, long? MemoryBytes, string? Uuid)
{
    /// <summary>How <c>--device</c> names it.</summary>
    public DeviceName Device => DeviceName.Cuda(Index);
}

/// <summary>Which devices are there, with how much memory.</summary>
public interface IGpuList
{
    /// <summary>The CUDA devices that this process may use, in the order of their numbers.</summary>
    IReadOnlyList<GpuDevice> Gpus { get; }

    /// <summary>Why there is none; null when there is one.</summary>
    string? Problem { get; }
}
