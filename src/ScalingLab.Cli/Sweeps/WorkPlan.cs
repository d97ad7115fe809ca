using ScalingLab.Core.Configs;

namespace ScalingLab.Cli.Sweeps;

/// <summary>How the runs of a start are dealt to workers.</summary>
/// <param name="Stacks">Runs of one worker each; of one run where it is trained alone.</param>
/// <param name="Workers">How many of them train at a time.</param>
/// <param name="Warnings">What should be known.</param>
internal sealed record WorkPlan(IReadOnlyList<PlannedStack> Stacks, WorkerCount Workers, IReadOnlyList<string> Warnings)
{
    private const double Share = 0.9; // of the machine's memory

    /// <summary>Whether any runs share a step.</summary>
    public bool HasStacks => Stacks.Any(s => s.Size > 1);

    /// <summary>The plan for runs on this machine.</summary>
    /// <param name="runs">Unfinished runs.</param>
    /// <param name="settings">Flags.</param>
    /// <param name="corpusTokens">Training tokens; 0 where they are not counted yet.</param>
    public static WorkPlan Of(IReadOnlyList<PlannedRun> runs, SweepSettings settings, long corpusTokens) =>
        Of(runs, settings.Stack, settings.Jobs, corpusTokens, Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>The plan for runs on a CPU of so many cores with that memory.</summary>
    public static WorkPlan Of(IReadOnlyList<PlannedRun> runs, StackChoice choice, int? jobs, long corpusTokens, int cores, double machineBytes)
    {
        IReadOnlyList<PlannedStack> stacks = choice.IsOn(cuda: false)
            ? StackPlan.Of(runs, choice.MostRuns, Share * machineBytes / (jobs ?? cores), corpusTokens)
            : [.. runs.Select(r => new PlannedStack([r], r.MemoryBytes))];
        WorkerCount workers = WorkerCount.For([.. stacks.Select(s => s.MemoryBytes)], jobs, cores, machineBytes);
        var warnings = new List<string>();
        if (workers.Warning is { } tooMany)
            warnings.Add(tooMany);
        if (stacks.Any(s => s.Size > 1 && s.Runs[0].Config.Training.Kernels == KernelChoice.Fused))
            warnings.Add("stacks train on libtorch's operators, and these runs are planned for fused ones: losses agree to 1e-5 with runs alone, not to the last bit; --kernels reference makes them equal");
        return new WorkPlan(stacks, workers, warnings);
    }
}
