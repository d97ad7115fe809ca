using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using ScalingLab.Core.Devices;
using ScalingLab.Training;

namespace ScalingLab.Cli.Machine;

/// <summary>Reads the facts of the machine that the program runs on. Loads no libtorch.</summary>
internal static class MachineProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Probes everything; takes a second or two when there is an engine to load.</summary>
    public static MachineFacts Read()
    {
        string? root = ProgramRoot();
        EngineFacts? engine = EngineProbe.Ask();
        string[] processor = Lines("/proc/cpuinfo");
        var facts = new MachineFacts
        {
            ProgramVersion = ProgramInfo.Version,
            Commit = ProgramInfo.Commit,
            DotNet = Environment.Version.ToString(),
            OperatingSystem = $"{OperatingSystemName()}, Linux {KernelVersion()}, {RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}",
            Processor = NameOf(processor),
            VectorExtensions = [.. VectorExtensions(After(processor, "flags")?.Split(' ') ?? [])],
            CoresUsable = Environment.ProcessorCount,
            CoresPresent = Math.Max(processor.Count(line => line.StartsWith("processor", StringComparison.Ordinal)), Environment.ProcessorCount),
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Provider = ProviderCapabilities.Name,
            Engine = engine is { Problem: null } ? engine : null,
            EngineProblem = engine?.Problem,
            Gpus = ReadGpus(),
            Energy = EnergyProbe.Read(CudaDriver.Ask()),
            Compiler = ReadCompiler(),
            HasOpenMpBlas = Directory.Exists("/usr/lib") && Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu").Any(folder => Directory.Exists(Path.Combine(folder, "openblas-openmp"))),
            HasApt = File.Exists("/usr/bin/apt-get"),
            IsRoot = Environment.IsPrivilegedProcess,
            SetupScript = root is null ? "./scripts/setup.sh" : Readable(Path.Combine(root, "scripts", "setup.sh")),
        };
        if (!facts.BuildsEngine)
            return facts;
        (LibtorchFacts? libtorch, string? problem) = FindLibtorch(root);
        return facts with { Libtorch = libtorch, LibtorchProblem = problem, Shim = ReadShim(root) };
    }

    /// <summary>Name of the processor, e.g. Intel(R) Xeon(R); its architecture where the system does not say.</summary>
    public static string ProcessorName() => NameOf(Lines("/proc/cpuinfo"));

    private static string NameOf(string[] cpuinfo) => After(cpuinfo, "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();

    // The nearest folder above the program that has the set-up scripts; null for a program copied out of its clone.
    private static string? ProgramRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "scripts", "find-libtorch.sh")))
                return folder.FullName;
        }

        return null;
    }

    private static string Readable(string path)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        string shown = relative.StartsWith("..", StringComparison.Ordinal) ? path : $"./{relative}";
        return shown.Contains(' ', StringComparison.Ordinal) ? $"'{shown}'" : shown;
    }

    private static (LibtorchFacts? Found, string? Problem) FindLibtorch(string? root)
    {
        if (root is null)
            return (null, null);
        ProcessOutput answer = ProcessOutput.Of("/bin/sh", [Path.Combine(root, "scripts", "find-libtorch.sh")], Limit);
        if (answer.ExitCode == 2)
            return (null, $"SCALINGLAB_LIBTORCH={Environment.GetEnvironmentVariable("SCALINGLAB_LIBTORCH")} has no include/ATen/ATen.h or no lib/libtorch_cpu.so");
        if (answer.ExitCode != 0)
            return (null, null);
        Dictionary<string, string> named = answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
        string Named(string name) => named.GetValueOrDefault(name, "");
        return (new(Named("folder"), Named("version"), Named("cuda") is { Length: > 0 } cuda ? cuda : null, Named("source"), Named("cuda_includes").Length > 0), null);
    }

    private static ShimFacts? ReadShim(string? root)
    {
        string? native = root is null ? null : new[] { "native", "artifacts/native" }.Select(name => Path.Combine(root, name)).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "engine.json")));
        if (native is null)
            return null;
        try
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(native, "engine.json")));
            string Text(string name) => json.RootElement.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
            string library = Path.Combine(native, Text("library"));
            bool cuda = json.RootElement.TryGetProperty("cudaInShim", out JsonElement inShim) && inShim.ValueKind == JsonValueKind.True;
            return File.Exists(library) ? new(library, Text("libtorchFolder"), Text("libtorchVersion"), cuda) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<GpuFacts> ReadGpus()
    {
        ProcessOutput listed = ProcessOutput.Of("nvidia-smi", ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits"], Limit);
        if (listed.ExitCode == 0)
        {
            return [.. listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(',', StringSplitOptions.TrimEntries)).Where(row => row.Length == 3)
                .Select(row => new GpuFacts(row[0], long.TryParse(row[1], CultureInfo.InvariantCulture, out long mebibytes) ? mebibytes << 20 : null, row[2]))];
        }

        const string driver = "/proc/driver/nvidia/gpus"; // there without any of NVIDIA's tools
        if (!Directory.Exists(driver))
            return [];
        return [.. Directory.EnumerateDirectories(driver).Order(StringComparer.Ordinal)
            .Select(folder => new GpuFacts(After(Lines(Path.Combine(folder, "information")), "Model") ?? "NVIDIA device", null, null))];
    }

    private static string? ReadCompiler()
    {
        string name = Environment.GetEnvironmentVariable("CXX") is { Length: > 0 } chosen ? chosen : "g++";
        ProcessOutput answer = ProcessOutput.Of(name, ["-dumpfullversion", "-dumpversion"], Limit);
        return answer.ExitCode == 0 ? $"{name} {answer.Output.Trim()}" : null;
    }

    private static IEnumerable<string> VectorExtensions(string[] flags)
    {
        if (AdvSimd.IsSupported)
            yield return "NEON";
        if (Avx2.IsSupported)
            yield return Fma.IsSupported ? "AVX2+FMA" : "AVX2";
        if (Avx512F.IsSupported || flags.Contains("avx512f"))
            yield return "AVX-512";
        if (flags.Contains("avx512_bf16"))
            yield return "AVX-512 BF16";
        if (flags.Contains("amx_bf16"))
            yield return "AMX BF16";
    }

    private static string OperatingSystemName() =>
        Lines("/etc/os-release").FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?["PRETTY_NAME=".Length..].Trim('"') ?? "unknown distribution";

    private static string KernelVersion() => Environment.OSVersion.Version.ToString(3);

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            return [];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }

    // The value of the first `name : value` line.
    private static string? After(string[] lines, string name) =>
        lines.Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries)).FirstOrDefault(pair => pair.Length == 2 && pair[0] == name)?[1];
}
