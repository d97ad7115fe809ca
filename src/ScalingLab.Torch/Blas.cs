using System.Runtime.InteropServices;

namespace ScalingLab.Torch;

/// <summary>The BLAS library that libtorch's CPU products really run on.</summary>
/// <param name="Library">Path of the loaded library; null when none is known (MKL linked into libtorch).</param>
/// <param name="Kernels">OpenBLAS's name of the kernels in use, e.g. SkylakeX; null with another library.</param>
/// <param name="Configuration">OpenBLAS's own description of its build; null with another library.</param>
public sealed unsafe record Blas(string? Library, string? Kernels, string? Configuration)
{
    private static readonly string[] Families = ["libopenblas", "libmkl_", "libblas.", "libblis", "libnvpl_blas"];

    /// <summary>What is loaded into this process: the BLAS is bound by SONAME, so only the process's own map tells which file that was.</summary>
    public static Blas Loaded()
    {
        Engine.EnsureLoaded();
        string[] mapped = File.Exists("/proc/self/maps") ? File.ReadAllLines("/proc/self/maps") : [];
        string[] files = [.. mapped.Where(line => line.Contains('/')).Select(line => line[line.IndexOf('/')..]).Distinct()];
        string? library = Families.Select(family => files.FirstOrDefault(f => Path.GetFileName(f).StartsWith(family, StringComparison.Ordinal))).FirstOrDefault(f => f is not null);
        return new Blas(library, Text(library, "openblas_get_corename"), Text(library, "openblas_get_config"));
    }

    private static string? Text(string? library, string function)
    {
        if (library is null || !NativeLibrary.TryLoad(library, out nint handle) || !NativeLibrary.TryGetExport(handle, function, out nint address))
            return null;
        return Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)address)())?.Trim();
    }
}
