using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ScalingLab.Core.Devices;

/// <summary>Asks NVIDIA's driver, libcuda.so.1, which devices it lets this process use: no context is made and no libtorch loaded.</summary>
/// <remarks>
/// CUDA Driver API, sections 6.2 (initialisation) and 6.5 (device management). CUDA_VISIBLE_DEVICES and CUDA_DEVICE_ORDER are heeded by the
/// driver itself, so these are the devices and numbers that libtorch will see; the UUID names the same device to NVML, which heeds neither.
/// </remarks>
public sealed unsafe class CudaDriver : IGpuList
{
    private const int NameBytes = 256;

    private CudaDriver(IReadOnlyList<GpuDevice> gpus, string? problem) => (Gpus, Problem) = (gpus, problem);

    /// <inheritdoc/>
    public IReadOnlyList<GpuDevice> Gpus { get; }

    /// <inheritdoc/>
    public string? Problem { get; }

    /// <summary>Asks the driver. Never throws: a machine without one has no devices.</summary>
    /// <param name="library">Name or path of the library.</param>
    public static CudaDriver Ask(string library = "libcuda.so.1")
    {
        if (!NativeLibrary.TryLoad(library, out nint handle))
            return new([], $"there is no NVIDIA driver ({library} does not load)");
        try
        {
            int status = ((delegate* unmanaged<uint, int>)Function("cuInit"))(0);
            if (status != 0)
                return new([], string.Create(CultureInfo.InvariantCulture, $"NVIDIA's driver answers with error {status}{Known(status)}"));
            int count = 0;
            Check(((delegate* unmanaged<int*, int>)Function("cuDeviceGetCount"))(&count), "cuDeviceGetCount");
            GpuDevice[] gpus = [.. Enumerable.Range(0, count).Select(Read)];
            return new(gpus, count > 0 ? null : "NVIDIA's driver shows no device");
        }
        catch (Exception error) when (error is EntryPointNotFoundException or InvalidOperationException)
        {
            return new([], error.Message);
        }

        GpuDevice Read(int index)
        {
            int device = 0;
            Check(((delegate* unmanaged<int*, int, int>)Function("cuDeviceGet"))(&device, index), "cuDeviceGet");
            byte* name = stackalloc byte[NameBytes];
            Check(((delegate* unmanaged<byte*, int, int, int>)Function("cuDeviceGetName"))(name, NameBytes, device), "cuDeviceGetName");
            nuint bytes = 0;
            bool sized = ((delegate* unmanaged<nuint*, int, int>)Function("cuDeviceTotalMem_v2"))(&bytes, device) == 0;
            byte* uuid = stackalloc byte[16];
            bool known = ((delegate* unmanaged<byte*, int, int>)Function("cuDeviceGetUuid"))(uuid, device) == 0;
            return new(index, Marshal.PtrToStringUTF8((nint)name) ?? "", sized ? checked((long)bytes) : null, known ? Uuid(new(uuid, 16)) : null);
        }

        nint Function(string name) => NativeLibrary.GetExport(handle, name);
    }

    /// <summary>Sixteen bytes as <c>GPU-8-4-4-4-12</c>.</summary>
    internal static string Uuid(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder("GPU-").Append(Convert.ToHexStringLower(bytes));
        foreach (int dash in new[] { 12, 17, 22, 27 })
            text.Insert(dash, '-');
        return text.ToString();
    }

    private static void Check(int status, string function)
    {
        if (status != 0)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"NVIDIA's driver: {function} answers with error {status}{Known(status)}"));
    }

    // CUresult of cuda.h.
    private static string Known(int status) => status switch
    {
        34 => " (a stub library stands in for the driver)",
        100 => " (no device; CUDA_VISIBLE_DEVICES may hide it)",
        101 => " (no such device)",
        803 => " (driver and libraries do not match)",
        999 => " (unknown error)",
        _ => "",
    };
}
