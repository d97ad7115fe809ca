namespace ScalingLab.Cli.Sweeps;

/// <summary>How many single-threaded workers train at a time: one a core, as far as memory goes.</summary>
/// <param name="Jobs">Workers.</param>
/// <param name="Bytes">Memory of the largest runs that can meet, from above.</param>
/// <param name="MachineBytes">Memory that this process may use.</param>
/// <param name="Warning">What is wrong with the number that was asked for; null when nothing is.</param>
internal sealed record WorkerCount(int Jobs, double Bytes, double MachineBytes, string? Warning)
{
    private const double Share = 0.9; // of the machine's memory, the rest is the system's and the parent's

    /// <summary>The number for workers of these sizes on a machine of that size.</summary>
    /// <param name="bytes">Memory of each.</param>
    /// <param name="asked">Of --jobs; null for one a core, fewer where memory would not do.</param>
    /// <param name="cores">Cores of the machine.</param>
    /// <param name="machineBytes">Its memory.</param>
    public static WorkerCount For(double[] bytes, int? asked, int cores, double machineBytes)
    {
        double[] largestFirst = [.. bytes.OrderDescending()];
        double Together(int jobs) => largestFirst.Take(jobs).Sum();
        int jobs = Math.Max(1, Math.Min(asked ?? cores, bytes.Length));
        while (asked is null && jobs > 1 && Together(jobs) > Share * machineBytes)
            jobs--;
        double needed = Together(jobs);
        string? warning = needed > Share * machineBytes
            ? FormattableString.Invariant($"{jobs} {(jobs == 1 ? "worker" : "workers")} may need {needed / 1e9:0.0} GB, and the machine has {machineBytes / 1e9:0.0} GB; {(jobs > 1 ? "take fewer with --jobs" : "take a smaller training.batch_tokens or shape")}")
            : null;
        return new WorkerCount(jobs, needed, machineBytes, warning);
    }
}
