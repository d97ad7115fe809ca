using System.Text.Json.Serialization;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Configs;

/// <summary>Where a hyper-parameter comes from.</summary>
public enum HyperParameterRule
{
    /// <summary>The value written in the config.</summary>
    Fixed,

    /// <summary>Kaplan et al. 2020 (arXiv:2001.08361), Eq. D.1: learning rate 0.003239 − 0.0001395 ln N.</summary>
    Kaplan2020,

    /// <summary>Porian et al. 2024 (arXiv:2406.19146), fitted learning rate and batch for constant schedules.</summary>
    Porian2024,

    /// <summary>Li et al. 2025 (StepLaw, arXiv:2503.04715), Eq. 1: learning rate 1.79 N^−0.713 D^0.307, batch 0.58 D^0.571 tokens.</summary>
    StepLaw2025,
}

/// <summary>Shape of the learning rate over a run, after warmup.</summary>
public enum ScheduleKind
{
    /// <summary>Constant: one run yields an observation at every token count.</summary>
    Constant,

    /// <summary>Half a cosine from peak to <see cref="ScheduleConfig.FinalFraction"/> of it.</summary>
    Cosine,

    /// <summary>Warmup, stable, decay: constant, then linear to <see cref="ScheduleConfig.FinalFraction"/> over the last part (Hägele et al. 2024, arXiv:2405.18392).</summary>
    Wsd,
}

/// <summary>Learning rate over a run.</summary>
public sealed record ScheduleConfig
{
    /// <summary>Kind.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Constant;

    /// <summary>Tokens at which a cosine reaches its end; null matches it to the run's own length.</summary>
    public long? HorizonTokens { get; init; }

    /// <summary>Final learning rate as a share of the peak, 0 to 1.</summary>
    public double FinalFraction { get; init; } = 0.1;

    /// <summary>Share of the run spent decaying (WSD), above 0 and at most 1.</summary>
    public double DecayFraction { get; init; } = 0.2;
}

/// <summary>Length of the linear warmup.</summary>
public sealed record WarmupConfig
{
    /// <summary>Warmup tokens; null leaves it to <see cref="TokensPerParameter"/>.</summary>
    public long? Tokens { get; init; }

    /// <summary>Warmup tokens for each parameter (total count); Porian et al. 2024 use about 1.</summary>
    public double TokensPerParameter { get; init; } = 1;

    /// <summary>Warmup never exceeds this share of the run, 0 to 1.</summary>
    public double MaxFraction { get; init; } = 0.2;
}

/// <summary>AdamW: Loshchilov and Hutter 2019 (arXiv:1711.05101). Weight decay falls on matrices only.</summary>
public sealed record AdamConfig
{
    /// <summary>Decay of the first moment, 0 to below 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment, 0 to below 1; 0.99 suits very small batches.</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Added to the root of the second moment, above 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay, 0 or more; the matrix shrinks by lr × this a step.</summary>
    public double WeightDecay { get; init; } = 0.1;
}

/// <summary>What a training step is made of.</summary>
public enum KernelChoice
{
    /// <summary>The plain composition of libtorch's operators, against which the fused ones are tested; all that version 0.1 had.</summary>
    Reference,

    /// <summary>Our own operators on the CPU, each a layer forward and backward; on a GPU those of libtorch's that do several steps in one.</summary>
    Fused,

    /// <summary>As fused, and on a GPU kernels of our own where there are any: for measuring, until one is known to win there.</summary>
    Own,
}

/// <summary>Element type in which matrix products are taken.</summary>
public enum ProductType
{
    /// <summary>float32.</summary>
    Fp32,

    /// <summary>bfloat16 operands; master weights, moments, norms, softmax and loss stay float32.</summary>
    Bf16,
}

/// <summary>How a model is trained.</summary>
public sealed record TrainingConfig
{
    /// <summary>Tokens to train on; a sweep sets it for each run.</summary>
    public long Tokens { get; init; } = 1_000_000;

    /// <summary>Rule for the peak learning rate.</summary>
    public HyperParameterRule LearningRateRule { get; init; } = HyperParameterRule.Fixed;

    /// <summary>Peak learning rate under the fixed rule.</summary>
    public double LearningRate { get; init; } = 0.003;

    /// <summary>Multiplies what the rule gives: sweep it by powers of two.</summary>
    public double LearningRateScale { get; init; } = 1;

    /// <summary>Upper bound of the peak learning rate: rules fitted on larger models give too much below a million parameters.</summary>
    public double LearningRateCap { get; init; } = 0.03;

    /// <summary>Rule for the batch.</summary>
    public HyperParameterRule BatchRule { get; init; } = HyperParameterRule.Fixed;

    /// <summary>Tokens a step under the fixed rule; rounded down to whole sequences, at least one.</summary>
    public long BatchTokens { get; init; } = 2048;

    /// <summary>Schedule.</summary>
    public ScheduleConfig Schedule { get; init; } = new();

    /// <summary>Warmup.</summary>
    public WarmupConfig Warmup { get; init; } = new();

    /// <summary>Optimizer.</summary>
    public AdamConfig Adam { get; init; } = new();

    /// <summary>Largest global gradient norm; 0 switches clipping off.</summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>Standard deviation of initial weights; null for 0.5 / √width. Outputs of residual branches get it over √(2·layers).</summary>
    public double? InitStandardDeviation { get; init; }

    /// <summary>Seed of weights and of the order of data.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Operators of a step. Part of a run's identity: losses of the two agree to 1e-5, not to the last bit.</summary>
    /// <remarks>Left out of JSON when reference, and read as that when absent: what was trained before there was a choice keeps its config and its id.</remarks>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public KernelChoice Kernels { get; init; } = KernelChoice.Fused;

    /// <summary>Element type of matrix products. Part of a run's identity; left out of JSON when fp32, so that ids of fp32 runs stay.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ProductType Dtype { get; init; }

    /// <summary>What is wrong with the members taken together; each alone is bounded where it is read.</summary>
    public IEnumerable<Problem> Problems()
    {
        if (BatchRule == HyperParameterRule.Kaplan2020)
            yield return new Problem("batch_rule", "batch_rule kaplan2020 gives a learning rate but no batch", "take fixed, porian2024 or steplaw2025");
    }
}

/// <summary>Held-out evaluation.</summary>
public sealed record EvaluationConfig
{
    /// <summary>Fixed number of held-out tokens, the same ones for every run; the whole held-out part when it is smaller.</summary>
    public long Tokens { get; init; } = 262_144;

    /// <summary>Token counts at which to evaluate besides the end; a sweep adds its budgets.</summary>
    public IReadOnlyList<long> AtTokens { get; init; } = [];
}

/// <summary>What is written while a run goes on. Changes no result, so it is no part of a run's identity.</summary>
public sealed record LoggingConfig
{
    /// <summary>Steps between log lines, 1 or more.</summary>
    public int EverySteps { get; init; } = 10;

    /// <summary>Seconds between checkpoints; 0 leaves only the one on a stop.</summary>
    public double CheckpointSeconds { get; init; } = 60;

    /// <summary>Steps between checkpoints, for tests and fixed cadences; null for none.</summary>
    public int? CheckpointSteps { get; init; }
}
