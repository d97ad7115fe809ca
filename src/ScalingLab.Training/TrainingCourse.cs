using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Data;
using ScalingLab.Training.Optim;

namespace ScalingLab.Training;

/// <summary>What a run's config and corpus decide before the first step: batches, their order, learning rates, length. Holds no state.</summary>
public sealed class TrainingCourse
{
    private readonly Schedule schedule;

    /// <summary>The course of a run.</summary>
    /// <param name="config">The run.</param>
    /// <param name="corpus">Tokens to train on and to evaluate with; must outlive this.</param>
    public TrainingCourse(RunConfig config, PreparedCorpus corpus)
    {
        Config = config;
        Parameters = ParameterCounts.Of(config.Model, corpus.Vocabulary);
        int context = config.Model.ContextTokens;
        TokensPerStep = HyperParameters.BatchTokens(config.Training, Parameters, context, config.Training.Tokens);
        TotalSteps = Math.Max(1, (config.Training.Tokens + (TokensPerStep / 2)) / TokensPerStep);
        Order = new BatchOrder(corpus.Train, context, checked((int)(TokensPerStep / context)), config.Training.Seed);
        Windows = new EvaluationWindows(corpus.HeldOut, corpus.Tokenizer, context, config.Evaluation.Tokens);
        schedule = new Schedule(
            HyperParameters.PeakLearningRate(config.Training, Parameters, config.Training.Tokens),
            WarmupTokens(config.Training, Parameters, TotalSteps * TokensPerStep),
            TotalSteps * TokensPerStep,
            config.Training.Schedule);
        EvaluationSteps = new HashSet<long>(config.Evaluation.AtTokens.Select(t => Math.Max(1, (t + (TokensPerStep / 2)) / TokensPerStep))) { TotalSteps };
    }

    /// <summary>The run.</summary>
    public RunConfig Config { get; }

    /// <summary>Parameters by group.</summary>
    public ParameterCounts Parameters { get; }

    /// <summary>Tokens of a batch.</summary>
    public long TokensPerStep { get; }

    /// <summary>Steps of the whole run.</summary>
    public long TotalSteps { get; }

    /// <summary>Which tokens each step sees.</summary>
    public BatchOrder Order { get; }

    /// <summary>Held-out windows.</summary>
    public EvaluationWindows Windows { get; }

    /// <summary>Learning rate of a step.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    public double LearningRate(long step) => schedule.LearningRate(step * TokensPerStep);

    /// <summary>Steps after which the run is evaluated, its last one among them.</summary>
    public IReadOnlySet<long> EvaluationSteps { get; }

    /// <summary>Warmup of a run: a fixed number of tokens or so many a parameter, at most a share of the run.</summary>
    /// <remarks>Porian et al. 2024, arXiv:2406.19146: a warmup of about N tokens mends Kaplan's, which was as long as a small model's whole optimum.</remarks>
    public static long WarmupTokens(TrainingConfig training, ParameterCounts counts, long totalTokens)
    {
        double wanted = training.Warmup.Tokens ?? training.Warmup.TokensPerParameter * counts.Total;
        return (long)Math.Min(wanted, training.Warmup.MaxFraction * totalTokens);
    }
}
