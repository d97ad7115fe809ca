using ScalingLab.Core.Models;

namespace ScalingLab.Core.Configs;

/// <summary>Published rules for learning rate and batch, each with the N that its paper counts.</summary>
public static class HyperParameters
{
    private const double PorianReference = 108e6; // Size at which Porian et al. state their fit.
    private const double PorianSequence = 2048; // Tokens of one sequence of theirs.

    /// <summary>Peak learning rate of a run: what the rule gives times <see cref="TrainingConfig.LearningRateScale"/>, a rule's capped by <see cref="TrainingConfig.LearningRateCap"/>.</summary>
    /// <param name="training">Rule, scale and cap; the fixed rule is scaled too but never capped.</param>
    /// <param name="counts">Parameters; each rule takes its own N of them.</param>
    /// <param name="tokens">D, the run's tokens.</param>
    public static double PeakLearningRate(TrainingConfig training, ParameterCounts counts, long tokens) => training.LearningRateRule switch
    {
        HyperParameterRule.Fixed => training.LearningRate * training.LearningRateScale,
        HyperParameterRule.Kaplan2020 => Capped(Kaplan2020LearningRate(counts.NonEmbedding), training),
        HyperParameterRule.Porian2024 => Capped(Porian2024LearningRate(counts.WithHead), training),
        HyperParameterRule.StepLaw2025 => Capped(StepLaw2025LearningRate(counts.NonEmbedding, tokens), training),
        _ => throw new ArgumentOutOfRangeException(nameof(training), training.LearningRateRule, "Not a learning-rate rule."),
    };

    /// <summary>Tokens of a step: what the rule gives, rounded down to whole sequences, at least one.</summary>
    /// <param name="training">Rule, and the batch under the fixed one.</param>
    /// <param name="counts">Parameters; each rule takes its own N of them.</param>
    /// <param name="contextTokens">Tokens of a sequence.</param>
    /// <param name="tokens">D, the run's tokens.</param>
    public static long BatchTokens(TrainingConfig training, ParameterCounts counts, int contextTokens, long tokens)
    {
        double batch = training.BatchRule switch
        {
            HyperParameterRule.Fixed => training.BatchTokens,
            HyperParameterRule.Porian2024 => Porian2024BatchTokens(counts.WithHead),
            HyperParameterRule.StepLaw2025 => StepLaw2025BatchTokens(tokens),
            _ => throw new ArgumentOutOfRangeException(nameof(training), training.BatchRule, "Not a batch rule."),
        };
        return Math.Max(1, (long)(batch / contextTokens)) * contextTokens;
    }

    /// <summary>0.003239 − 0.0001395 ln N, and 0 where that is negative (N above 1.2e10).</summary>
    /// <remarks>Kaplan et al. 2020, arXiv:2001.08361, Eq. D.1; N is non-embedding. Ten to fifty times too low for N below a million.</remarks>
    public static double Kaplan2020LearningRate(double n) => Math.Max(0, 0.003239 - 0.0001395 * Math.Log(n));

    /// <summary>0.0047 (N / 108e6)^−1/3.</summary>
    /// <remarks>Porian et al. 2024, arXiv:2406.19146, fit over tuned constant schedules; N includes the head.</remarks>
    public static double Porian2024LearningRate(double n) => 0.0047 * Math.Pow(n / PorianReference, -1.0 / 3);

    /// <summary>160 (N / 108e6)^2/3 sequences of 2048 tokens.</summary>
    /// <remarks>Porian et al. 2024, arXiv:2406.19146; N includes the head.</remarks>
    public static double Porian2024BatchTokens(double n) => 160 * Math.Pow(n / PorianReference, 2.0 / 3) * PorianSequence;

    /// <summary>1.79 N^−0.713 D^0.307.</summary>
    /// <remarks>Li et al. 2025, arXiv:2503.04715, Eq. 1; N leaves the vocabulary out. Constants as several works quote them from the paper; 1.78 is met too, 0.6 % less.</remarks>
    public static double StepLaw2025LearningRate(double n, double d) => 1.79 * Math.Pow(n, -0.713) * Math.Pow(d, 0.307);

    /// <summary>0.58 D^0.571 tokens.</summary>
    /// <remarks>Li et al. 2025, arXiv:2503.04715, Eq. 1. Quoted like the above; 0.57 is met too, 1.7 % less.</remarks>
    public static double StepLaw2025BatchTokens(double d) => 0.58 * Math.Pow(d, 0.571);

    private static double Capped(double rate, TrainingConfig training) => Math.Min(rate * training.LearningRateScale, training.LearningRateCap);
}
