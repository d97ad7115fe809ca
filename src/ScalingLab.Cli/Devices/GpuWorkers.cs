using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;

namespace ScalingLab.Cli.Devices;

/// <summary>How many workers train at a time on the GPUs of a box.</summary>
/// <param name="Jobs">Workers on all GPUs together.</param>
/// <param name="Bytes">Device memory of the largest runs that can meet on one GPU, from above.</param>
/// <param name="GpuBytes">Memory of the smallest GPU; null when unknown.</param>
/// <param name="Warning">What is wrong with the number that was asked for; null when nothing is.</param>
internal sealed record GpuWorkers(int Jobs, double Bytes, double? GpuBytes, string? Warning)
{
    /// <summary>Most workers a GPU unless more are asked for.</summary>
    /// <remarks>
    /// Kernels of separate processes take turns on a GPU, so a further worker gains only the gaps in which the others prepare their next launch,
    /// and each costs a context and a host core. What more than a few would gain has not been measured.
    /// </remarks>
    public const int MostPerGpu = 4;

    private const double Share = 0.9; // of a GPU's memory

    /// <summary>The number for these runs on these GPUs.</summary>
    /// <param name="runs">Unfinished runs of the sweep.</param>
    /// <param name="asked">Of --jobs; null for as many as memory, host cores and <see cref="MostPerGpu"/> allow.</param>
    /// <param name="gpus">1 or more.</param>
    public static GpuWorkers For(IReadOnlyList<PlannedRun> runs, int? asked, IReadOnlyList<GpuDevice> gpus) =>
        For([.. runs.Select(r => r.GpuMemoryBytes)], asked, gpus, Environment.ProcessorCount);

    /// <summary>The number for runs of these sizes.</summary>
    public static GpuWorkers For(double[] bytes, int? asked, IReadOnlyList<GpuDevice> gpus, int cores)
    {
        double[] largestFirst = [.. bytes.OrderDescending()];
        double? memory = gpus.Any(g => g.MemoryBytes is null) ? null : gpus.Min(g => g.MemoryBytes!.Value);
        double Together(int each) => largestFirst.Take(each).Sum();
        int perGpu = Math.Clamp(cores / gpus.Count, 1, MostPerGpu);
        while (perGpu > 1 && (memory is null || Together(perGpu) > Share * memory))
            perGpu--;
        int jobs = Math.Max(1, Math.Min(asked ?? perGpu * gpus.Count, bytes.Length));
        double needed = Together((jobs + gpus.Count - 1) / gpus.Count);
        string? warning = needed > Share * memory
            ? FormattableString.Invariant($"the workers of one GPU may need {needed / 1e9:0.0} GB of its {memory / 1e9:0.0} GB; {(asked > gpus.Count ? "take fewer with --jobs" : "take a smaller training.batch_tokens or shape")}")
            : null;
        return new GpuWorkers(jobs, needed, memory, warning);
    }
}
