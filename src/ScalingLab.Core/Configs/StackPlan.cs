using ScalingLab.Core.Models;

namespace ScalingLab.Core.Configs;

/// <summary>Runs that one worker trains in one step; a single one is trained alone.</summary>
/// <param name="Runs">Of one shape, vocabulary, batch, corpus and kernels; the longest first.</param>
/// <param name="MemoryBytes">Memory that its worker takes at most.</param>
public sealed record PlannedStack(IReadOnlyList<PlannedRun> Runs, double MemoryBytes)
{
    /// <summary>E.</summary>
    public int Size => Runs.Count;
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
    /// <returns>Every run once; groups in the order of their first runs.</returns>
    /// <remarks>
    /// 1. Runs that differ in seed, learning rate, schedule, length and other numbers share a step; those that differ in shape, batch or operators do not.
    /// 2. E is the most that memory, the index range of kernels and <paramref name="mostRuns"/> allow.
    /// 3. A group larger than that is cut into stacks of equal size, within one, runs of like length together: a stack lives as long as its longest run.
    /// </remarks>
    public static IReadOnlyList<PlannedStack> Of(IReadOnlyList<PlannedRun> runs, int? mostRuns, double memoryBytes, long corpusTokens = 0) =>
    [
        .. runs
            .GroupBy(r => (r.Config.Model, r.Config.Corpus, r.Vocabulary, r.BatchTokens, r.Config.Training.Kernels))
            .SelectMany(group => Cut([.. group.OrderByDescending(r => r.Tokens)], mostRuns, memoryBytes, corpusTokens)),
    ];

    /// <summary>The most runs like this one that a worker's memory and the kernels' ranges hold; at least 1.</summary>
    public static int MostRuns(PlannedRun run, double memoryBytes, long corpusTokens)
    {
        ModelShape shape = run.Config.Model;
        double free = memoryBytes - StepMemory.StackBytes(shape, run.Vocabulary, run.BatchTokens, 0, corpusTokens);
        double byMemory = free / StepMemory.StackedRunBytes(shape, run.Vocabulary, run.BatchTokens);
        long byHeads = MostHeads / (run.BatchTokens / shape.ContextTokens * shape.Heads);
        long byLogits = MostLogits / (run.BatchTokens * run.Vocabulary);
        return (int)Math.Clamp(Math.Min(byMemory, Math.Min(byHeads, byLogits)), 1, int.MaxValue);
    }

    private static IEnumerable<PlannedStack> Cut(PlannedRun[] group, int? mostRuns, double memoryBytes, long corpusTokens)
    {
        int most = Math.Min(mostRuns ?? int.MaxValue, MostRuns(group[0], memoryBytes, corpusTokens));
        int stacks = ((group.Length - 1) / most) + 1;
        for (int i = 0; i < stacks; i++)
        {
            PlannedRun[] runs = group[(int)((long)group.Length * i / stacks)..(int)((long)group.Length * (i + 1) / stacks)];
            yield return new PlannedStack(
                runs,
                runs.Length == 1 ? runs[0].MemoryBytes : StepMemory.StackBytes(runs[0].Config.Model, runs[0].Vocabulary, runs[0].BatchTokens, runs.Length, corpusTokens));
        }
    }
}
