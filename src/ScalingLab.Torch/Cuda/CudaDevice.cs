using System.Globalization;
using System.Runtime.InteropServices;
using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

/// <summary>What one NVIDIA device is.</summary>
/// <param name="Index">Its index in this process, which <c>CUDA_VISIBLE_DEVICES</c> decides.</param>
/// <param name="Name">E.g. NVIDIA H100 80GB HBM3.</param>
/// <param name="PciBusId">E.g. 0000:3B:00.0: the name by which NVML knows the same device.</param>
/// <param name="ComputeCapability">E.g. 9.0.</param>
/// <param name="Multiprocessors">Streaming multiprocessors.</param>
/// <param name="MemoryBytes">Memory of the device.</param>
/// <param name="L2CacheBytes">Second-level cache.</param>
/// <param name="SharedMemoryPerBlockBytes">The most shared memory that one block may ask for.</param>
/// <param name="ProcessorKilohertz">Peak clock of the multiprocessors; null where CUDA does not tell.</param>
/// <param name="MemoryKilohertz">Peak clock of the memory; null where CUDA does not tell.</param>
/// <param name="MemoryBusBits">Width of the memory's bus; null where CUDA does not tell.</param>
public sealed record CudaDevice(
    int Index,
    string Name,
    string PciBusId,
    Version ComputeCapability,
    int Multiprocessors,
    long MemoryBytes,
    long L2CacheBytes,
    long SharedMemoryPerBlockBytes,
    long? ProcessorKilohertz,
    long? MemoryKilohertz,
    int? MemoryBusBits)
{
    private const int TextBytes = 256; // the shim writes at most 255

    /// <summary>Whether the shim was compiled with CUDA; without it everything named Cuda throws.</summary>
    public static bool IsBuilt => BuiltWith is not null;

    /// <summary>CUDA release that the shim was compiled with, e.g. 12.4; null without CUDA.</summary>
    public static Version? BuiltWith => Release(NativeMethods.CudaRelease);

    /// <summary>CUDA release that the driver serves; null without a driver or without CUDA in the shim.</summary>
    public static Version? DriverServes => Release(NativeMethods.CudaDriverRelease);

    /// <summary>Reads what a device is.</summary>
    /// <exception cref="TorchException">There is no such device, or the shim has no CUDA.</exception>
    public static unsafe CudaDevice Get(int index)
    {
        Engine.EnsureLoaded();
        byte* name = stackalloc byte[TextBytes];
        byte* bus = stackalloc byte[TextBytes];
        name[0] = bus[0] = name[TextBytes - 1] = bus[TextBytes - 1] = 0;
        long* facts = stackalloc long[9];
        NativeMethods.Check(NativeMethods.CudaDevice(index, name, bus, facts), "CudaDevice.Get");
        return new CudaDevice(
            index,
            Marshal.PtrToStringUTF8((nint)name) ?? "",
            Marshal.PtrToStringUTF8((nint)bus) ?? "",
            new Version((int)facts[0], (int)facts[1]),
            (int)facts[2],
            facts[3],
            facts[4],
            facts[5],
            Told(facts[6]),
            Told(facts[7]),
            (int?)Told(facts[8]));
    }

    /// <summary>Index of <c>cuda:i</c>; of <c>cuda</c>, the current device.</summary>
    /// <exception cref="ArgumentException">The device is not a CUDA device.</exception>
    public static int IndexOf(torch.Device device)
    {
        string name = device.ToString();
        if (name == "cuda")
            return torch.cuda.current_device();
        return name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? index
            : throw new ArgumentException($"'{name}' is not a CUDA device; one is named cuda or cuda:0.", nameof(device));
    }

    private static long? Told(long value) => value == 0 ? null : value;

    // cudart counts 12.4 as 12040.
    private static Version? Release(Func<int> read)
    {
        Engine.EnsureLoaded();
        int release = read();
        return release == 0 ? null : new Version(release / 1000, release % 1000 / 10);
    }
}
