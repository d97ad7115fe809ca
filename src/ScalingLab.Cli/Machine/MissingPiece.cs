namespace ScalingLab.Cli.Machine;

/// <summary>Something that a machine lacks, and what fetches it.</summary>
/// <param name="Name">What is missing.</param>
/// <param name="Required">Whether sweeps cannot run without it.</param>
/// <param name="Reason">What it is for.</param>
/// <param name="Ways">Commands that fetch it, each a full way; the first is the usual one.</param>
internal sealed record MissingPiece(string Name, bool Required, string Reason, IReadOnlyList<string> Ways)
{
    /// <summary>All that is missing, what sweeps need first.</summary>
    public static IReadOnlyList<MissingPiece> Of(MachineFacts facts)
    {
        List<MissingPiece> pieces = [];
        bool engineRuns = facts.Engine is { Problem: null };
        if (facts.LibtorchProblem is { } problem)
            pieces.Add(new("libtorch", true, problem, ["unset SCALINGLAB_LIBTORCH", "export SCALINGLAB_LIBTORCH=FOLDER   # one with include/ and lib/"]));
        else if (facts.Libtorch is null)
            pieces.Add(new("libtorch", true, "training runs on it", [.. Apt(facts, "libtorch-dev"), "python3 -m pip install torch", "export SCALINGLAB_LIBTORCH=FOLDER   # one with include/ and lib/"]));
        if (facts.Compiler is null && !engineRuns)
            pieces.Add(new("C++ compiler", true, "builds the engine, once", facts.HasApt ? Apt(facts, "g++") : ["install g++ (gcc-c++ on Fedora) with the system's package manager"]));
        if (facts.Shim is null)
            pieces.Add(new("engine", true, "not built yet; the first sweep builds it", [$"{facts.SetupScript} --engine"]));
        else if (facts.Engine is { Problem: { } broken })
            pieces.Add(new("engine", true, $"built, but it does not run: {broken}", [$"rm -r {Path.GetDirectoryName(facts.Shim.Library)} && {facts.SetupScript} --engine"]));
        else if (facts.Libtorch is { } found && (found.Folder != facts.Shim.LibtorchFolder || found.Version != facts.Shim.LibtorchVersion))
            pieces.Add(new("engine", false, $"built against libtorch {facts.Shim.LibtorchVersion} in {facts.Shim.LibtorchFolder}; libtorch {found.Version} would be taken now", [$"{facts.SetupScript} --engine"]));
        if (facts.Gpus.Count > 0)
            pieces.AddRange(OfGpu(facts));
        if (facts is { Libtorch.Source: "debian", HasOpenMpBlas: false })
            pieces.Add(new("libopenblas0-openmp", false, "training on the CPU is a fifth faster with it", Apt(facts, "libopenblas0-openmp")));
        return pieces;
    }

    private static IEnumerable<MissingPiece> OfGpu(MachineFacts facts)
    {
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
        if (facts.Engine is { Problem: null, CudaDevices: 0 })
            yield return new("CUDA driver", false, $"libtorch, built with CUDA {cuda}, reaches no device; the driver may be older than that release", ["nvidia-smi   # names the driver and the newest CUDA release that it serves"]);
    }

    private static IEnumerable<string> CudaHeaders(string cuda, MachineFacts facts)
    {
        string major = cuda.Split('.')[0];
        if (int.TryParse(major, out int number) && number is 11 or 12)
            yield return $"python3 -m pip install nvidia-cuda-runtime-cu{major} nvidia-cublas-cu{major} nvidia-cusparse-cu{major} nvidia-cusolver-cu{major} && {facts.SetupScript} --engine";
        yield return $"export CUDA_HOME=FOLDER && {facts.SetupScript} --engine   # where the CUDA {cuda} toolkit lies";
    }

    private static string[] Apt(MachineFacts facts, string packages) =>
        facts.HasApt ? [$"{(facts.IsRoot ? "" : "sudo ")}apt-get install --no-install-recommends {packages}"] : [];
}
