using System.Globalization;
using System.Runtime.InteropServices;

namespace ScalingLab.Core.Devices;

/// <summary>NVIDIA's management library, libnvidia-ml.so.1, which comes with the driver.</summary>
/// <remarks>NVML API Reference Guide, "Device Queries". Nothing is linked: a machine without the library has no sensors, and that is said.</remarks>
public sealed unsafe class Nvml : IDisposable
{
    private const int TextBytes = 96; // the longest that any of these functions writes: NVML_DEVICE_NAME_V2_BUFFER_SIZE

    private readonly nint library;
    private bool open = true;

    private Nvml(nint library) => this.library = library;

    /// <summary>Version of the driver; null when it does not say.</summary>
    public string? DriverVersion => Text("nvmlSystemGetDriverVersion");

    /// <summary>Loads and starts the library.</summary>
    /// <param name="problem">Why it does not run; null when it does.</param>
    /// <param name="name">Name or path of the library.</param>
    public static Nvml? TryOpen(out string? problem, string name = "libnvidia-ml.so.1")
    {
        if (!NativeLibrary.TryLoad(name, out nint handle))
        {
            problem = $"NVML is not there ({name} does not load)";
            return null;
        }

        var nvml = new Nvml(handle);
        int status = nvml.Function("nvmlInit_v2") is var start and not 0 ? ((delegate* unmanaged<int>)start)() : (int)NvmlStatus.FunctionNotFound;
        problem = status == 0 ? null : $"NVML does not start: {nvml.Describe(status)}";
        return status == 0 ? nvml : null;
    }

    /// <summary>The device of a UUID.</summary>
    /// <param name="uuid">As <see cref="GpuDevice.Uuid"/> has it.</param>
    /// <param name="problem">Why there is none; null when there is.</param>
    public NvmlDevice? Find(string uuid, out string? problem)
    {
        nint device = 0, function = Function("nvmlDeviceGetHandleByUUID"), text = Marshal.StringToCoTaskMemUTF8(uuid);
        try
        {
            int status = function != 0 ? ((delegate* unmanaged<nint, nint*, int>)function)(text, &device) : (int)NvmlStatus.FunctionNotFound;
            problem = status == 0 ? null : $"NVML does not know {uuid}: {Describe(status)}";
            return status == 0 ? new NvmlDevice(this, device) : null;
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }

    /// <summary>What a status means, in NVML's words.</summary>
    public string Describe(int status)
    {
        string? words = Function("nvmlErrorString") is var function and not 0 ? Marshal.PtrToStringUTF8(((delegate* unmanaged<int, nint>)function)(status)) : null;
        return string.Create(CultureInfo.InvariantCulture, $"{words ?? "error"} ({status})");
    }

    /// <summary>Ends the library's work for this object; NVML counts its users.</summary>
    public void Dispose()
    {
        if (!open)
            return;
        open = false;
        if (Function("nvmlShutdown") is var function and not 0)
            _ = ((delegate* unmanaged<int>)function)();
    }

    /// <summary>A function by name, or 0: older drivers lack some.</summary>
    internal nint Function(string name) => NativeLibrary.TryGetExport(library, name, out nint function) ? function : 0;

    private string? Text(string name)
    {
        byte* text = stackalloc byte[TextBytes];
        nint function = Function(name);
        return function != 0 && ((delegate* unmanaged<byte*, uint, int>)function)(text, TextBytes) == 0 ? Marshal.PtrToStringUTF8((nint)text) : null;
    }
}

/// <summary>Statuses of NVML that are told apart here; nvmlReturn_t of nvml.h.</summary>
internal enum NvmlStatus
{
    Success = 0,
    NotSupported = 3,
    InsufficientSize = 7,
    FunctionNotFound = 13,
}
