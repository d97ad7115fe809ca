using ScalingLab.Cli.Devices;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Models;
using ScalingLab.Training;
using ScalingLab.Training.Sweeps;

namespace ScalingLab.Cli.Sweeps;

/// <summary>How the runs of a start are dealt to workers.</summary>
/// <param name="Stacks">Runs of one worker each; of one run where it is trained alone.</param>
/// <param name="Workers">How many of them train at a time.</param>
/// <param name="Slots">Where.</param>
/// <param name="Warnings">What should be known.</param>
internal sealed record WorkPlan(IReadOnlyList<PlannedStack> Stacks, WorkerCount Workers, IReadOnlyList<WorkerSlot> Slots, IReadOnlyList<string> Warnings)
{
    private const double Share = 0.9; // of the memory of machine or GPU

    /// <summary>Whether every run trains in a stack, also one that is alone in it: so on a GPU, where its step waits for the host once in many steps.</summary>
    public bool StacksOfOne { get; private init; }

    /// <summary>Whether each worker's step is one CUDA graph.</summary>
    public bool Captures { get; private init; }

    /// <summary>Whether any runs share a step.</summary>
    public bool HasStacks => Stacks.Any(s => s.Size > 1);

    /// <summary>The plan for runs on this machine.</summary>
    /// <param name="runs">Unfinished runs.</param>
    /// <param name="settings">Flags.</param>
    /// <param name="devices">What to train on.</param>
    /// <param name="corpusTokens">Training tokens; 0 where they are not counted yet.</param>
    public static WorkPlan Of(IReadOnlyList<PlannedRun> runs, SweepSettings settings, SweepDevices devices, long corpusTokens) =>
        Of(runs, settings.Stack, settings.Jobs, devices.Gpus, corpusTokens, Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, devices.CudaGraphs, ProviderCapabilities.HasFusedKernels);

    /// <summary>The plan for a machine of so many cores with that memory, and its GPUs.</summary>
    /// <remarks>Without our own operators a run alone on a CPU trains on libtorch's, which keep more for the backward pass.</remarks>
    public static WorkPlan Of(IReadOnlyList<PlannedRun> runs, StackChoice choice, int? jobs, IReadOnlyList<GpuDevice> gpus, long corpusTokens, int cores, double machineBytes, bool cudaGraphs = true, bool ownOperators = true)
    {
        bool onGpu = gpus.Count > 0;
        double? gpuBytes = gpus.Any(g => g.MemoryBytes is null) ? null : gpus.Select(g => (double?)g.MemoryBytes).Min();
        double memory = onGpu ? Share * (gpuBytes ?? 0) : Share * machineBytes / (jobs ?? cores); // of a GPU whose memory is unknown none is planned with
        IReadOnlyList<PlannedStack> stacks = choice.IsOn(onGpu)
            ? StackPlan.Of(runs, choice.MostRuns, memory, corpusTokens, onGpu)
            : [.. runs.Select(r => PlannedStack.Alone(r, onGpu))];
        bool fallsBack = !onGpu && !ownOperators && runs.Any(r => r.Config.Training.Kernels != KernelChoice.Reference);
        double[] bytes = [.. stacks.Select(s => fallsBack && s.Size == 1 ? OnReference(s.Runs[0]) : s.MemoryBytes)];
        WorkerCount workers = onGpu
            ? GpuWorkers.For(bytes, jobs, gpus, cores) is var gpu ? new WorkerCount(gpu.Jobs, gpu.Bytes, gpu.GpuBytes ?? double.NaN, gpu.Warning) : null!
            : WorkerCount.For(bytes, jobs, cores, machineBytes);
        var warnings = new List<string>();
        if (workers.Warning is { } tooMany && runs.Count > 0)
            warnings.Add(tooMany);
        if (fallsBack)
            warnings.Add("there are none of our own operators in this build, and these runs are planned for them: they train on libtorch's, as with --kernels reference");
        else if (!onGpu && stacks.Any(s => s.Size > 1 && s.Runs[0].Config.Training.Kernels != KernelChoice.Reference))
            warnings.Add("stacks train on libtorch's operators, and these runs are planned for fused ones: losses agree to 1e-5 with runs alone, not to the last bit; --kernels reference makes them equal");
        bool inStacks = onGpu && choice.IsOn(onGpu);
        return new WorkPlan(stacks, workers, onGpu ? WorkerSlot.OnGpus(workers.Jobs, gpus) : WorkerSlot.OnCpu(workers.Jobs), warnings) { StacksOfOne = inStacks, Captures = inStacks && cudaGraphs };
    }

    private static double OnReference(PlannedRun run) => StepMemory.WorkerBytes(run.Config.Model, run.Vocabulary, run.BatchTokens, KernelChoice.Reference);
}
