using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace ScalingLab.Torch.Tests;

/// <summary>The CUDA kernels compiled for the CPU by g++ with the emulator beside this file, and called by operators for tensors of the CPU.</summary>
internal static unsafe class EmulatedKernels
{
    private static readonly Lazy<nint> Library = new(Build);

    /// <summary>Why they cannot be compiled here; null where they can.</summary>
    public static string? Missing { get; } = Look();

    /// <summary>Every exported kernel can be called from here on.</summary>
    public static void Use() => _ = Library.Value;

    /// <summary>Address of a kernel.</summary>
    public static nint Kernel(string name) => NativeLibrary.GetExport(Library.Value, name);

    /// <summary>Has operators call them, whatever they called before.</summary>
    public static void Set() => Register(Library.Value);

    /// <summary>Whether threads of a block start from the last one.</summary>
    public static void Reverse(bool on) => ((delegate* unmanaged<int, void>)NativeLibrary.GetExport(Library.Value, "emulated_reverse"))(on ? 1 : 0);

    private static nint Build()
    {
        string sources = string.Join('\0', KernelSources.Files.Select(f => f.Value)) + Emulator();
        string folder = Path.Combine(AppContext.BaseDirectory, "emulated-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sources)))[..16]);
        string library = Path.Combine(folder, "kernels.so");
        if (!File.Exists(library))
            Compile(folder, library);
        nint handle = NativeLibrary.Load(library);
        Register(handle);
        return handle;
    }

    private static void Register(nint handle)
    {
        foreach (string kernel in KernelSources.Kernels)
            CudaKernels.Set(-1, kernel, NativeLibrary.GetExport(handle, kernel), NativeLibrary.GetExport(handle, "emulated_launch"));
    }

    private static void Compile(string folder, string library)
    {
        Directory.CreateDirectory(folder);
        foreach ((string name, string text) in KernelSources.Files)
            File.WriteAllText(Path.Combine(folder, name), text);
        File.WriteAllText(Path.Combine(folder, "emulator.h"), Emulator());
        string unfinished = $"{library}.{Environment.ProcessId}";
        using Process compiler = Process.Start(new ProcessStartInfo(
            "g++", ["-std=c++17", "-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-x", "c++", "-include", Path.Combine(folder, "emulator.h"), "-o", unfinished, Path.Combine(folder, KernelSources.Entry)])
        {
            RedirectStandardError = true,
        })!;
        string errors = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        Assert.True(compiler.ExitCode == 0, errors);
        File.Move(unfinished, library, overwrite: true);
    }

    private static string Emulator()
    {
        using var reader = new StreamReader(typeof(EmulatedKernels).Assembly.GetManifestResourceStream("emulator.h")!);
        return reader.ReadToEnd();
    }

    private static string? Look()
    {
        try
        {
            using Process compiler = Process.Start(new ProcessStartInfo("g++", ["--version"]) { RedirectStandardOutput = true })!;
            compiler.StandardOutput.ReadToEnd();
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? null : "g++ does not start";
        }
        catch (Win32Exception)
        {
            return "needs g++, which compiles the CUDA kernels for the CPU";
        }
    }
}

/// <summary>A test of the CUDA kernels on the CPU; skipped, with the reason, where no g++ can compile them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EmulatedFactAttribute : FactAttribute
{
    public EmulatedFactAttribute() => Skip = EmulatedKernels.Missing;
}

/// <summary>As <see cref="EmulatedFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EmulatedTheoryAttribute : TheoryAttribute
{
    public EmulatedTheoryAttribute() => Skip = EmulatedKernels.Missing;
}
