using System.Text.Json.Serialization;
using ScalingLab.Training;

namespace ScalingLab.Cli.Machine;

/// <summary>All that `doctor` knows about a machine. It reads nothing else, so a test can describe any machine.</summary>
internal sealed record MachineFacts
{
    private const string LibTorch = "LibTorch";

    public required string ProgramVersion { get; init; }

    /// <summary>The commit that the program was built from; null outside a repository.</summary>
    public string? Commit { get; init; }

    public required string DotNet { get; init; }

    public required string OperatingSystem { get; init; }

    public required string Processor { get; init; }

    /// <summary>Vector extensions that decide the speed of products, e.g. AVX2, AVX-512, BF16, AMX.</summary>
    public IReadOnlyList<string> VectorExtensions { get; init; } = [];

    /// <summary>Cores that this process may use: affinity and the container's quota are counted.</summary>
    public required int CoresUsable { get; init; }

    public required int CoresPresent { get; init; }

    /// <summary>Memory that this process may use, by the machine's size and the container's limit.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>What the program was built on: LibTorch, our own engine, or TorchSharp, packages that bring a libtorch of their own.</summary>
    public string Provider { get; init; } = LibTorch;

    /// <summary>The libtorch that a build of the engine would take; null when there is none, or no engine to build.</summary>
    public LibtorchFacts? Libtorch { get; init; }

    /// <summary>Set when the search itself went wrong, e.g. SCALINGLAB_LIBTORCH names a folder without libtorch.</summary>
    public string? LibtorchProblem { get; init; }

    /// <summary>The shim that is built; null when none is.</summary>
    public ShimFacts? Shim { get; init; }

    /// <summary>What the engine said of itself when a child process loaded it; null when it does not run.</summary>
    public EngineFacts? Engine { get; init; }

    /// <summary>Why the engine does not run; null when it does.</summary>
    public string? EngineProblem { get; init; }

    /// <summary>NVIDIA devices that the system's driver reports, whether or not libtorch can use them.</summary>
    public IReadOnlyList<GpuFacts> Gpus { get; init; } = [];

    /// <summary>What a run's energy can be measured by, one a device; empty where that was not looked for.</summary>
    public IReadOnlyList<EnergyFacts> Energy { get; init; } = [];

    /// <summary>Name and version of the C++ compiler; null when there is none.</summary>
    public string? Compiler { get; init; }

    /// <summary>Whether Debian's OpenMP build of OpenBLAS is installed.</summary>
    public bool HasOpenMpBlas { get; init; }

    public bool HasApt { get; init; }

    public bool IsRoot { get; init; }

    /// <summary>Whether the engine is one that is built on this machine.</summary>
    [JsonIgnore]
    public bool BuildsEngine => Provider == LibTorch;

    /// <summary>How the set-up script is called from the folder that the user is in.</summary>
    public string SetupScript { get; init; } = "./scripts/setup.sh";
}

/// <param name="Folder">Folder with include/ and lib/.</param>
/// <param name="Version">As that libtorch states it, e.g. 2.5.1+cu124.</param>
/// <param name="Cuda">CUDA release of the build, e.g. 12.4; null for a build without CUDA.</param>
/// <param name="Source">SCALINGLAB_LIBTORCH, python-cuda, debian or python-cpu.</param>
/// <param name="HasCudaHeaders">Whether the headers that a shim with CUDA needs were found.</param>
internal sealed record LibtorchFacts(string Folder, string Version, string? Cuda, string Source, bool HasCudaHeaders = false);

/// <param name="Library">Path of the shared library.</param>
/// <param name="LibtorchFolder">Folder of the libtorch that it was built against.</param>
/// <param name="LibtorchVersion">Version of that libtorch.</param>
/// <param name="HasCuda">Whether the shim's own CUDA part is in it.</param>
internal sealed record ShimFacts(string Library, string LibtorchFolder, string LibtorchVersion, bool HasCuda);

/// <param name="Device">cpu or cuda:i.</param>
/// <param name="Source">nvml-counter, nvml-power-integral (power summed, no counter) or rapl-package; null when there is none.</param>
/// <param name="Problem">Why there is none; null when there is.</param>
internal sealed record EnergyFacts(string Device, string? Source, string? Problem);

/// <param name="Name">Model name, e.g. NVIDIA H100 80GB HBM3.</param>
/// <param name="MemoryBytes">Device memory; null when the driver's tool is absent.</param>
/// <param name="Driver">Driver version; null when unknown.</param>
internal sealed record GpuFacts(string Name, long? MemoryBytes, string? Driver);
