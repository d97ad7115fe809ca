using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

/// <summary>Memory of one device as libtorch's caching allocator of this process counts it, in bytes.</summary>
/// <param name="AllocatedBytes">In tensors.</param>
/// <param name="AllocatedPeakBytes">In tensors at most, since the start or <see cref="ResetPeaks"/>.</param>
/// <param name="ReservedBytes">Taken from the device: tensors and what is kept for later ones.</param>
/// <param name="ReservedPeakBytes">Taken from the device at most, since the start or <see cref="ResetPeaks"/>.</param>
/// <param name="Retries">Allocations that succeeded only after kept memory was given back.</param>
/// <param name="OutOfMemory">Allocations that failed.</param>
public sealed record CudaMemory(long AllocatedBytes, long AllocatedPeakBytes, long ReservedBytes, long ReservedPeakBytes, long Retries, long OutOfMemory)
{
    /// <summary>Reads the counters; asks the host only, so it does not wait for the device.</summary>
    /// <exception cref="TorchException">There is no such device, or the shim has no CUDA.</exception>
    public static unsafe CudaMemory Of(int device)
    {
        Engine.EnsureLoaded();
        long* facts = stackalloc long[6];
        NativeMethods.Check(NativeMethods.CudaMemory(device, facts), "CudaMemory.Of");
        return new CudaMemory(facts[0], facts[1], facts[2], facts[3], facts[4], facts[5]);
    }

    /// <summary>Starts both peaks anew from what is held now.</summary>
    public static void ResetPeaks(int device)
    {
        Engine.EnsureLoaded();
        NativeMethods.Check(NativeMethods.CudaMemoryResetPeaks(device), "CudaMemory.ResetPeaks");
    }

    /// <summary>Bytes that no process has taken, and bytes of the whole device, as the driver counts them.</summary>
    public static (long FreeBytes, long TotalBytes) FreeOf(int device)
    {
        Engine.EnsureLoaded();
        NativeMethods.Check(NativeMethods.CudaMemoryFree(device, out long free, out long total), "CudaMemory.FreeOf");
        return (free, total);
    }

    /// <summary>Gives memory that holds no tensor back to the devices. Waits for them; not during a capture.</summary>
    public static void EmptyCache()
    {
        Engine.EnsureLoaded();
        NativeMethods.Check(NativeMethods.CudaEmptyCache(), "CudaMemory.EmptyCache");
    }
}
