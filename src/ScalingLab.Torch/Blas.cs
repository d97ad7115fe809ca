using System.Runtime.InteropServices;

namespace ScalingLab.Torch;

/// <summary>The BLAS library that libtorch's CPU products really run on.</summary>
/// <param name="Library">Path of the loaded library; null when none is known (MKL linked into libtorch).</param>
/// <param name="Core">OpenBLAS's name of the kernels in use, e.g. SkylakeX; null with another library.</param>
/// <param name="Configuration">OpenBLAS's own description of its build; null with another library.</param>
public sealed unsafe record Blas(string? Library, string? Core, string? Configuration)
{
    /// <summary>What is loaded into this process.</summary>
    public static Blas Loaded()
    {
        Engine.EnsureLoaded();
        string[] mapped = File.Exists("/proc/self/maps") ? File.ReadAllLines("/proc/self/maps") : [];
        IEnumerable<string> paths = mapped.Where(line => line.Contains('/')).Select(line => line[line.IndexOf('/')..]).Distinct();
        string? library = paths.FirstOrDefault(p => p.Contains("libopenblas", StringComparison.Ordinal))
            ?? paths.FirstOrDefault(p => Path.GetFileName(p).StartsWith("libmkl_core", StringComparison.Ordinal) || Path.GetFileName(p).StartsWith("libblas", StringComparison.Ordinal));
        return new Blas(library, Text(library, "openblas_get_corename"), Text(library, "openblas_get_config"));
    }

    private static string? Text(string? library, string function)
    {
        if (library is null || !NativeLibrary.TryLoad(library, out nint handle) || !NativeLibrary.TryGetExport(handle, function, out nint address))
            return null;
        return Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)address)())?.Trim();
    }
}
