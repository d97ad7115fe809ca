using System.Globalization;
using System.Runtime.InteropServices;

namespace ScalingLab.Torch;

/// <summary>Compiled kernels in NVIDIA's driver: what is loaded stays for the life of the process.</summary>
/// <remarks>CUDA Driver API, section 6.12 (module management). The device's context must be current on this thread.</remarks>
/// <param name="library">Name or path of the driver's library.</param>
internal sealed unsafe class KernelModule(string library = "libcuda.so.1")
{
    private readonly nint driver = NativeLibrary.TryLoad(library, out nint handle) ? handle : throw new KernelsUnavailableException($"there is no NVIDIA driver ({library} does not load)");

    /// <summary>Address of cuLaunchKernel.</summary>
    internal nint Launch => Function("cuLaunchKernel");

    /// <summary>Loads machine code or PTX and finds kernels in it.</summary>
    /// <param name="image">Cubin, or PTX that ends in a zero.</param>
    /// <param name="names">Of the kernels.</param>
    /// <returns>A CUfunction for each.</returns>
    internal nint[] Load(byte[] image, IReadOnlyList<string> names)
    {
        nint loaded = 0;
        fixed (byte* bytes = image)
            Check(((delegate* unmanaged<nint*, byte*, int>)Function("cuModuleLoadData"))(&loaded, bytes), "cuModuleLoadData");
        nint module = loaded;
        return [.. names.Select(name => Find(module, name))];
    }

    private nint Find(nint module, string name)
    {
        nint found = 0;
        nint text = Marshal.StringToCoTaskMemUTF8(name);
        try
        {
            Check(((delegate* unmanaged<nint*, nint, nint, int>)Function("cuModuleGetFunction"))(&found, module, text), $"cuModuleGetFunction of {name}");
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }

        return found;
    }

    private static void Check(int status, string function)
    {
        if (status != 0)
            throw new KernelsUnavailableException(string.Create(CultureInfo.InvariantCulture, $"NVIDIA's driver: {function} answers with error {status}"));
    }

    private nint Function(string name) =>
        NativeLibrary.TryGetExport(driver, name, out nint address) ? address : throw new KernelsUnavailableException($"NVIDIA's driver has no {name}");
}
