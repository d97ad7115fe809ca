using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ScalingLab.Torch;

/// <summary>Our own kernels could not be had; libtorch's operators do without them.</summary>
public sealed class KernelsUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>NVRTC, the compiler for CUDA that comes with PyTorch: called by address, so that nothing need be linked or installed.</summary>
/// <remarks>NVRTC's user guide, sections 3 (user interface) and 4.1 (options). It needs no driver and no GPU.</remarks>
internal sealed unsafe class KernelCompiler
{
    private static readonly string[] Releases = ["libnvrtc.so.12", "libnvrtc.so.13", "libnvrtc.so.11.2", "libnvrtc.so"];

    // Lambdas with `auto` parameters carry no mark of their own, and without it count as functions of the host.
    private static readonly string[] Options = ["--std=c++17", "--device-as-default-execution-space"];

    private readonly nint library;

    private KernelCompiler(nint library, string path) => (this.library, Path) = (library, path);

    /// <summary>What was loaded.</summary>
    internal string Path { get; }

    /// <summary>Architectures that it compiles for, e.g. 90 for sm_90; none where it is older than 11.2 and cannot tell.</summary>
    internal IReadOnlyList<int> Architectures
    {
        get
        {
            int count = 0;
            if (!NativeLibrary.TryGetExport(library, "nvrtcGetNumSupportedArchs", out nint number) || ((delegate* unmanaged<int*, int>)number)(&count) != 0)
                return [];
            var found = new int[count];
            fixed (int* to = found)
                Check(((delegate* unmanaged<int*, int>)Function("nvrtcGetSupportedArchs"))(to), "nvrtcGetSupportedArchs");
            return found;
        }
    }

    /// <summary>Finds it: the one that libtorch itself loads, beside libtorch, on the loader's path, in a toolkit.</summary>
    /// <param name="libtorchFolder">Folder of libtorch's libraries; null when unknown.</param>
    /// <returns>Null where there is none.</returns>
    internal static KernelCompiler? Find(string? libtorchFolder)
    {
        foreach (string candidate in Candidates(libtorchFolder))
        {
            if (NativeLibrary.TryLoad(candidate, out nint library) && NativeLibrary.TryGetExport(library, "nvrtcCompileProgram", out _))
                return new KernelCompiler(library, candidate);
        }

        return null;
    }

    /// <summary>Where it may lie, the likeliest first.</summary>
    internal static IEnumerable<string> Candidates(string? libtorchFolder)
    {
        if (libtorchFolder is not null)
        {
            yield return System.IO.Path.Combine(libtorchFolder, "libcaffe2_nvrtc.so"); // depends on the right one, wherever that lies
            string wheels = System.IO.Path.GetFullPath(System.IO.Path.Combine(libtorchFolder, "../../nvidia"));
            foreach (string folder in new[] { libtorchFolder, System.IO.Path.Combine(wheels, "cuda_nvrtc/lib"), System.IO.Path.Combine(wheels, "cu13/lib") })
            {
                foreach (string release in Releases)
                    yield return System.IO.Path.Combine(folder, release);
            }
        }

        foreach (string release in Releases)
            yield return release;
        foreach (string? toolkit in new[] { Environment.GetEnvironmentVariable("CUDA_HOME"), Environment.GetEnvironmentVariable("CUDA_PATH"), "/usr/local/cuda" })
        {
            foreach (string release in toolkit is { Length: > 0 } ? Releases : [])
                yield return System.IO.Path.Combine(toolkit!, "lib64", release);
        }
    }

    /// <summary>Compiles the kernels for one architecture: machine code where it knows that, else PTX of the newest it knows, which the driver translates.</summary>
    /// <param name="architecture">E.g. 90.</param>
    /// <param name="files">Sources by name; null for those of this assembly.</param>
    /// <exception cref="KernelsUnavailableException">They do not compile; the message has the compiler's first errors.</exception>
    internal byte[] Compile(int architecture, IReadOnlyDictionary<string, string>? files = null)
    {
        files ??= KernelSources.Files;
        IReadOnlyList<int> known = Architectures;
        bool exact = known.Count == 0 || known.Contains(architecture);
        int target = exact ? architecture : known.Where(a => a < architecture).DefaultIfEmpty(architecture).Max();
        string option = string.Create(CultureInfo.InvariantCulture, $"--gpu-architecture={(exact ? "sm" : "compute")}_{target}");
        (string Name, string Text)[] headers = [.. files.Where(f => f.Key != KernelSources.Entry).Select(f => (f.Key, f.Value))];
        using var text = new NativeTexts([files[KernelSources.Entry], KernelSources.Entry, option, .. Options, .. headers.Select(h => h.Text), .. headers.Select(h => h.Name)]);
        int first = 3 + Options.Length; // of the headers
        nint program = 0;
        fixed (nint* texts = text.Pointers)
        {
            Check(
                ((delegate* unmanaged<nint*, nint, nint, int, nint*, nint*, int>)Function("nvrtcCreateProgram"))(&program, texts[0], texts[1], headers.Length, texts + first, texts + first + headers.Length),
                "nvrtcCreateProgram");
            try
            {
                int status = ((delegate* unmanaged<nint, int, nint*, int>)Function("nvrtcCompileProgram"))(program, 1 + Options.Length, texts + 2);
                if (status != 0)
                    throw new KernelsUnavailableException($"{Path} does not compile our own kernels ({option}, {Reason(status)}): {FirstErrors(program)}");
                return exact ? Output(program, "nvrtcGetCUBINSize", "nvrtcGetCUBIN") : Output(program, "nvrtcGetPTXSize", "nvrtcGetPTX");
            }
            finally
            {
                _ = ((delegate* unmanaged<nint*, int>)Function("nvrtcDestroyProgram"))(&program);
            }
        }
    }

    private byte[] Output(nint program, string sizeFunction, string function)
    {
        nuint size = 0;
        Check(((delegate* unmanaged<nint, nuint*, int>)Function(sizeFunction))(program, &size), sizeFunction);
        var output = new byte[checked((int)size)];
        fixed (byte* to = output)
            Check(((delegate* unmanaged<nint, byte*, int>)Function(function))(program, to), function);
        return output;
    }

    private string FirstErrors(nint program)
    {
        string log = Encoding.UTF8.GetString(Output(program, "nvrtcGetProgramLogSize", "nvrtcGetProgramLog")).TrimEnd('\0');
        return string.Join("; ", log.Split('\n').Where(line => line.Contains("error", StringComparison.Ordinal)).Take(3).DefaultIfEmpty("it says no more").Select(line => line.Trim()));
    }

    private void Check(int status, string function)
    {
        if (status != 0)
            throw new KernelsUnavailableException($"{Path}: {function} answers {Reason(status)}");
    }

    private string Reason(int status) => Marshal.PtrToStringUTF8(((delegate* unmanaged<int, nint>)Function("nvrtcGetErrorString"))(status)) ?? "an error";

    private nint Function(string name) =>
        NativeLibrary.TryGetExport(library, name, out nint address) ? address : throw new KernelsUnavailableException($"{Path} has no {name}: it is older than CUDA 11.2");

    /// <summary>Texts in C's form for the length of a call.</summary>
    private sealed class NativeTexts(IEnumerable<string> texts) : IDisposable
    {
        public nint[] Pointers { get; } = [.. texts.Select(Marshal.StringToCoTaskMemUTF8)];

        public void Dispose()
        {
            foreach (nint pointer in Pointers)
                Marshal.FreeCoTaskMem(pointer);
        }
    }
}
