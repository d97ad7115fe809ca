using ScalingLab.Core.Configs;

namespace ScalingLab.Training.Optim;

/// <summary>Learning rate as a pure function of the tokens seen.</summary>
/// <param name="Peak">Learning rate after warmup.</param>
/// <param name="WarmupTokens">Length of the linear warmup.</param>
/// <param name="TotalTokens">Length of the run.</param>
/// <param name="Config">Kind and its settings.</param>
public sealed record Schedule(double Peak, long WarmupTokens, long TotalTokens, ScheduleConfig Config)
{
    /// <summary>Learning rate of the step that ends at <paramref name="tokensAfterStep"/> tokens.</summary>
    public double LearningRate(long tokensAfterStep)
    {
        double warmup = WarmupTokens > 0 ? Math.Min(1, (double)tokensAfterStep / WarmupTokens) : 1;
        return Peak * Math.Min(warmup, Shape(tokensAfterStep));
    }

    private double Shape(long tokens) => Config.Kind switch
    {
        ScheduleKind.Constant => 1,
        ScheduleKind.Cosine => Cosine(tokens),
        ScheduleKind.Wsd => StableDecay(tokens),
        _ => throw new InvalidOperationException($"Schedule {Config.Kind} has no implementation."),
    };

    // Loshchilov and Hutter 2017 (SGDR, arXiv:1608.03983), Eq. 5, one period after warmup.
    private double Cosine(long tokens)
    {
        long horizon = Config.HorizonTokens ?? TotalTokens;
        double progress = Math.Clamp((double)(tokens - WarmupTokens) / Math.Max(1, horizon - WarmupTokens), 0, 1);
        return Config.FinalFraction + ((1 - Config.FinalFraction) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }

    // Hägele et al. 2024, arXiv:2405.18392, Eq. 1, with a linear decay.
    private double StableDecay(long tokens)
    {
        double decayTokens = Config.DecayFraction * TotalTokens;
        double progress = Math.Clamp((tokens - (TotalTokens - decayTokens)) / decayTokens, 0, 1);
        return 1 - ((1 - Config.FinalFraction) * progress);
    }
}
