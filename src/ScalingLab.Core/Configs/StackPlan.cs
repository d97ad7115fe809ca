using ScalingLab.Core.Models;

namespace ScalingLab.Core.Configs;

/// <summary>Runs that one worker trains in one step; a single one is trained alone on a CPU.</summary>
/// <param name="Runs">Of one shape, vocabulary, batch, corpus and kernels; the longest first.</param>
/// <param name="MemoryBytes">Memory that its worker takes at most.</param>
public sealed record PlannedStack(IReadOnlyList<PlannedRun> Runs, double MemoryBytes)
{
    /// <summary>E.</summary>
    public int Size => Runs.Count;

    /// <summary>A run with a worker of its own.</summary>
    public static PlannedStack Alone(PlannedRun run, bool onGpu = false) => new([run], onGpu ? run.GpuMemoryBytes : run.MemoryBytes);
}

/// <summary>How the runs of a sweep are put into stacks.</summary>
public static class StackPlan
{
    /// <summary>Sequences × heads of all runs together: CUDA's attention kernels put them into one grid dimension.</summary>
    private const long MostHeads = 65_535;

    /// <summary>Logits of all runs together: kernels index up to here with 32 bits.</summary>
    private const long MostLogits = int.MaxValue;

    /// <summary>Groups runs that can share a step.</summary>
    /// <param name="runs">Runs of one sweep.</param>
    /// <param name="mostRuns">Largest E; null for as many as memory holds.</param>
    /// <param name="memoryBytes">Memory of one worker.</param>
    /// <param name="corpusTokens">Training tokens of the corpus, which lie in the worker's memory; 0 when not known.</param>
    /// <param name="onGpu">Whether that memory is a GPU's.</param>
    /// <returns>Every run once; groups in the order of their first runs.</returns>
    /// <remarks>
    /// 1. Runs that differ in seed, learning rate, schedule, length and other numbers share a step; those that differ in shape, batch or operators do not.
    /// 2. E is the most that memory, the index range of kernels and <paramref name="mostRuns"/> allow.
    /// 3. On a GPU a run that shares with no other is a stack of one. 4. A group larger than that is cut into stacks of equal size, within one, runs of like length together: a stack lives as long as its longest run.
    /// </remarks>
    public static IReadOnlyList<PlannedStack> Of(IReadOnlyList<PlannedRun> runs, int? mostRuns, double memoryBytes, long corpusTokens = 0, bool onGpu = false) =>
    [
        .. runs
            .GroupBy(r => (r.Config.Model, r.Config.Corpus, r.Vocabulary, r.BatchTokens, r.Config.Training.Kernels, r.Config.Training.Dtype))
            .SelectMany(group => Cut([.. group.OrderByDescending(r => r.Tokens)], mostRuns, memoryBytes, corpusTokens, onGpu)),
    ];

    /// <summary>The most runs like this one that a worker's memory and the kernels' ranges hold; at least 1.</summary>
    public static int MostRuns(PlannedRun run, double memoryBytes, long corpusTokens, bool onGpu = false)
    {
        ModelShape shape = run.Config.Model;
        double fixedBytes = MemoryOf(run, 0, corpusTokens, onGpu);
        double byMemory = (memoryBytes - fixedBytes) / (MemoryOf(run, 1, corpusTokens, onGpu) - fixedBytes);
        long byHeads = MostHeads / (run.BatchTokens / shape.ContextTokens * shape.Heads);
        long byLogits = MostLogits / (run.BatchTokens * run.Vocabulary);
        return (int)Math.Clamp(Math.Min(byMemory, Math.Min(byHeads, byLogits)), 1, int.MaxValue);
    }

    private static double MemoryOf(PlannedRun run, int runs, long corpusTokens, bool onGpu) => onGpu
        ? StepMemory.GpuStackBytes(run.Config.Model, run.Vocabulary, run.BatchTokens, runs, corpusTokens, run.Config.Training.Kernels == KernelChoice.Reference)
        : StepMemory.StackBytes(run.Config.Model, run.Vocabulary, run.BatchTokens, runs, corpusTokens);

    private static IEnumerable<PlannedStack> Cut(PlannedRun[] group, int? mostRuns, double memoryBytes, long corpusTokens, bool onGpu)
    {
        int most = Math.Min(mostRuns ?? int.MaxValue, MostRuns(group[0], memoryBytes, corpusTokens, onGpu));
        int stacks = ((group.Length - 1) / most) + 1;
        for (int i = 0; i < stacks; i++)
        {
            PlannedRun[] runs = group[(int)((long)group.Length * i / stacks)..(int)((long)group.Length * (i + 1) / stacks)];
            yield return runs.Length == 1 && !onGpu ? PlannedStack.Alone(runs[0]) : new PlannedStack(runs, MemoryOf(runs[0], runs.Length, corpusTokens, onGpu));
        }
    }
}
