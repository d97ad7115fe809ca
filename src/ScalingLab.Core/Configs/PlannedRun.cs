using ScalingLab.Core.Models;

namespace ScalingLab.Core.Configs;

/// <summary>One run of a sweep, with what it will cost.</summary>
/// <param name="Id">Name of its folder: see <see cref="CanonicalJson.RunId"/>.</param>
/// <param name="Config">All that decides its result. The batch is a fixed one, whichever rule it came from.</param>
/// <param name="Vocabulary">Tokens the tokenizer knows.</param>
public sealed record PlannedRun(string Id, RunConfig Config, int Vocabulary)
{
    /// <summary>Parameters by group.</summary>
    public ParameterCounts Parameters => ParameterCounts.Of(Config.Model, Vocabulary);

    /// <summary>Tokens to train on: a multiple of <see cref="BatchTokens"/>.</summary>
    public long Tokens => Config.Training.Tokens;

    /// <summary>Tokens of a step: a multiple of the context.</summary>
    public long BatchTokens => Config.Training.BatchTokens;

    /// <summary>Steps to take.</summary>
    public long Steps => Tokens / BatchTokens;

    /// <summary>Training FLOPs of the whole run, exact count of matrix products.</summary>
    public double Flops => FlopCounts.MatrixProducts(Config.Model, Vocabulary) * Tokens;

    /// <summary>Memory that its worker takes at most, bytes.</summary>
    public double MemoryBytes => StepMemory.WorkerBytes(Config.Model, Vocabulary, BatchTokens, Config.Training.Kernels);

    /// <summary>Device memory that its worker takes on a GPU, bytes; from above for kernels without (T, T) matrices, which the reference ones have.</summary>
    public double GpuMemoryBytes => StepMemory.GpuBytes(Config.Model, Vocabulary, BatchTokens, Config.Training.Kernels == KernelChoice.Reference);

    /// <summary>Peak learning rate that the rule gives.</summary>
    public double PeakLearningRate => HyperParameters.PeakLearningRate(Config.Training, Parameters, Tokens);

    /// <summary>Observations that it yields: its evaluations at planned token counts, the end included.</summary>
    public int Observations => Config.Training.Schedule.Kind == ScheduleKind.Constant ? Config.Evaluation.AtTokens.Append(Tokens).Distinct().Count() : 1;
}
