using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using ScalingLab.Torch;

namespace ScalingLab.Cli.Machine;

/// <summary>Loads the engine in a child process and asks it about itself: a libtorch that crashes or hangs takes only the child down.</summary>
internal static class EngineProbe
{
    /// <summary>The hidden command that the child runs.</summary>
    public const string CommandName = "engine-probe";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The parent's side. Every way for the child to end gives an answer.</summary>
    /// <param name="program">The program's own file.</param>
    public static EngineFacts Ask(string program)
    {
        ProcessOutput answer = ProcessOutput.Of(program, [CommandName, "--json"], Limit);
        if (answer.TimedOut)
            return new() { Problem = $"no answer within {Limit.TotalSeconds:0} s" };
        try
        {
            if (answer.ExitCode == 0 && JsonSerializer.Deserialize(answer.Output, DoctorJson.Default.EngineFacts) is { } facts)
                return facts;
        }
        catch (JsonException)
        {
            // Said below, with what the child wrote.
        }

        string last = answer.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "nothing on stderr";
        string end = answer.ExitCode > 128 ? $"ended by signal {answer.ExitCode - 128}" : $"exit {answer.ExitCode}";
        return new() { Problem = $"{end}: {last}" };
    }

    /// <summary>The child's side: loads the engine here.</summary>
    public static EngineFacts Answer()
    {
        try
        {
            Engine.EnsureLoaded();
            string? blas = LoadedBlas();
            return new()
            {
                LibtorchVersion = Engine.LibTorchVersion,
                BlasLibrary = blas,
                BlasConfiguration = TextOf(blas, "openblas_get_config"),
                BlasKernels = TextOf(blas, "openblas_get_corename"),
                CudaDevices = torch.cuda.device_count(),
            };
        }
        catch (Exception error)
        {
            // The parent prints it; whatever it was, the engine does not run.
            return new() { Problem = error.Message };
        }
    }

    // The BLAS is bound by SONAME, so only the process's own map tells which file that was.
    private static string? LoadedBlas()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        string[] mapped = [.. File.ReadLines("/proc/self/maps")
            .Select(line => line.IndexOf('/', StringComparison.Ordinal) is var at and >= 0 ? line[at..] : "")
            .Where(path => path.Length > 0)
            .Distinct()];
        string[] names = ["libopenblas", "libmkl_", "libblas.", "libblis", "libnvpl_blas"];
        return names.Select(name => mapped.FirstOrDefault(path => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal))).FirstOrDefault(path => path is not null);
    }

    private static unsafe string? TextOf(string? library, string function)
    {
        if (library is null || !NativeLibrary.TryLoad(library, out nint handle) || !NativeLibrary.TryGetExport(handle, function, out nint address))
            return null;
        return Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)address)());
    }
}
