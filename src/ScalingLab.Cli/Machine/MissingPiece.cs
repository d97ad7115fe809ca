namespace ScalingLab.Cli.Machine;

/// <summary>Something that a machine lacks, and what fetches it.</summary>
/// <param name="Name">What is missing.</param>
/// <param name="Required">Whether sweeps cannot run without it.</param>
/// <param name="Reason">What it is for.</param>
/// <param name="Ways">Commands that fetch it, each a full way; the first is the usual one.</param>
internal sealed record MissingPiece(string Name, bool Required, string Reason, IReadOnlyList<string> Ways)
{
    private const string DriverTool = "nvidia-smi   # names the driver and the newest CUDA release that it serves";

    /// <summary>All that is missing, what sweeps need first.</summary>
    public static IReadOnlyList<MissingPiece> Of(MachineFacts facts)
    {
        List<MissingPiece> pieces = [];
        if (facts.Engine is null)
            pieces.AddRange(OfEngine(facts));
        else if (facts is { Libtorch: { } found, Shim: { } shim } && (found.Folder != shim.LibtorchFolder || found.Version != shim.LibtorchVersion))
            pieces.Add(new("engine", false, $"built against libtorch {shim.LibtorchVersion} in {shim.LibtorchFolder}; libtorch {found.Version} in {found.Folder} would be taken now", [$"{facts.SetupScript} --engine"]));
        if (facts.Gpus.Count > 0)
            pieces.AddRange(OfGpu(facts));
        if (facts is { Libtorch.Source: "debian", HasOpenMpBlas: false })
            pieces.Add(new("libopenblas0-openmp", false, "training on the CPU is a fifth faster with it", Apt(facts, "libopenblas0-openmp")));
        return pieces;
    }

    private static IEnumerable<MissingPiece> OfEngine(MachineFacts facts)
    {
        if (!facts.BuildsEngine)
        {
            yield return new("engine", true, $"the {facts.Provider} packages do not run: {facts.EngineProblem}", ["unset TorchProvider   # back to our own engine"]);
            yield break;
        }

        const string byHand = "export SCALINGLAB_LIBTORCH=FOLDER   # one with include/ and lib/";
        if (facts.LibtorchProblem is { } problem)
            yield return new("libtorch", true, problem, [byHand, "unset SCALINGLAB_LIBTORCH   # to search for one"]);
        else if (facts.Libtorch is null)
            yield return new("libtorch", true, "training runs on it", [.. Apt(facts, "libtorch-dev"), "python3 -m pip install torch", byHand]);
        if (facts.Compiler is null)
            yield return new("C++ compiler", true, "builds the engine, once", facts.HasApt ? Apt(facts, "g++") : ["install g++ (gcc-c++ on Fedora) with the system's package manager"]);
        if (facts.Shim is { } shim)
            yield return new("engine", true, $"built, but it does not run: {facts.EngineProblem}", [$"rm -r {Path.GetDirectoryName(shim.Library)} && {facts.SetupScript} --engine"]);
        else
            yield return new("engine", true, "not built yet; this installs what it needs and builds it, as the first sweep would", [$"{facts.SetupScript} --engine"]);
    }

    private static IEnumerable<MissingPiece> OfGpu(MachineFacts facts)
    {
        if (facts.Engine is { CudaDevices: > 0 } && facts.Shim is not { HasCuda: false })
            yield break;
        if (!facts.BuildsEngine)
        {
            if (facts.Engine is not null)
                yield return new("CUDA driver", false, $"the libtorch of the {facts.Provider} packages reaches no device; the driver may be older than its CUDA release", [DriverTool]);
            yield break;
        }

        if (facts.Libtorch?.Cuda is not { } cuda)
        {
            yield return new("libtorch with CUDA", false, "this machine has an NVIDIA GPU, which a libtorch without CUDA cannot use",
            [
                $"python3 -m pip install torch && {facts.SetupScript} --engine",
                "export TorchProvider=TorchSharp   # the public TorchSharp packages instead, as -p:TorchProvider=TorchSharp in a build",
            ]);
            yield break;
        }

        if (facts.Shim is { HasCuda: false } && !facts.Libtorch.HasCudaHeaders)
            yield return new("CUDA headers", false, "without them the engine has no CUDA graphs and no memory statistics", [.. CudaHeaders(cuda, facts)]);
        if (facts.Engine is { CudaDevices: 0 })
            yield return new("CUDA driver", false, $"libtorch, built with CUDA {cuda}, reaches no device; the driver may be older than that release", [DriverTool]);
    }

    private static IEnumerable<string> CudaHeaders(string cuda, MachineFacts facts)
    {
        string? wheels = cuda.Split('.')[0] switch // the runtime's wheel lacks headers that its own include
        {
            "11" => "nvidia-cuda-runtime-cu11 nvidia-cuda-nvcc-cu11",
            "12" => "nvidia-cuda-runtime-cu12 nvidia-cuda-nvcc-cu12",
            "13" => "'nvidia-cuda-runtime==13.*' 'nvidia-cuda-crt==13.*'",
            _ => null,
        };
        if (wheels is not null)
            yield return $"python3 -m pip install {wheels} && {facts.SetupScript} --engine";
        yield return $"export CUDA_HOME=FOLDER && {facts.SetupScript} --engine   # where the CUDA {cuda} toolkit lies";
    }

    private static string[] Apt(MachineFacts facts, string packages) =>
        facts.HasApt ? [$"{(facts.IsRoot ? "" : "sudo ")}apt-get install --no-install-recommends {packages}"] : [];
}
