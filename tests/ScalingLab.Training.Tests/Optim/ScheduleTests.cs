using ScalingLab.Core.Configs;
using ScalingLab.Training.Optim;

namespace ScalingLab.Training.Tests.Optim;

public sealed class ScheduleTests
{
    // 0.1 + 0.9 · (1 + cos πp) / 2 at p = 1/4 and 3/4, worked out on paper from cos π/4 = 0.7071067811865476.
    private const double AtQuarter = 0.8681980515339464, AtThreeQuarters = 0.2318019484660536;

    [Theory]
    [InlineData(1, 0.01)]
    [InlineData(50, 0.5)]
    [InlineData(100, 1)]
    [InlineData(101, 1)]
    [InlineData(1100, 1)]
    public void A_constant_schedule_rises_linearly_to_the_end_of_warmup_and_stays(long tokens, double share) =>
        Check(new ScheduleConfig(), warmup: 100, total: 1100, tokens, share);

    [Theory]
    [InlineData(50, 0.5)]
    [InlineData(100, 1)]
    [InlineData(350, AtQuarter)]
    [InlineData(600, 0.55)]
    [InlineData(850, AtThreeQuarters)]
    [InlineData(1100, 0.1)]
    public void A_matched_cosine_goes_from_the_end_of_warmup_to_the_end_of_the_run(long tokens, double share) =>
        Check(new ScheduleConfig { Kind = ScheduleKind.Cosine }, warmup: 100, total: 1100, tokens, share);

    [Theory]
    [InlineData(2100, 600, AtQuarter)] // horizon beyond the run: it ends half way down, as in Kaplan et al.'s and unlike Hoffmann et al.'s
    [InlineData(2100, 1100, 0.55)]
    [InlineData(600, 350, 0.55)] // horizon within the run: the rest stays at the bottom
    [InlineData(600, 600, 0.1)]
    [InlineData(600, 1100, 0.1)]
    public void A_cosine_of_fixed_horizon_ignores_the_length_of_the_run(long horizon, long tokens, double share) =>
        Check(new ScheduleConfig { Kind = ScheduleKind.Cosine, HorizonTokens = horizon }, warmup: 100, total: 1100, tokens, share);

    [Theory]
    [InlineData(0, 50, 0.5)]
    [InlineData(0, 800, 1)]
    [InlineData(0, 850, 0.75)]
    [InlineData(0, 1000, 0)]
    [InlineData(0.1, 900, 0.55)]
    [InlineData(0.1, 1000, 0.1)]
    public void Warmup_stable_decay_is_constant_and_then_linear_over_its_last_fifth(double final, long tokens, double share) =>
        Check(new ScheduleConfig { Kind = ScheduleKind.Wsd, FinalFraction = final, DecayFraction = 0.2 }, warmup: 100, total: 1000, tokens, share);

    [Fact]
    public void A_decay_over_the_whole_run_meets_the_warmup_without_passing_either() =>
        Check(new ScheduleConfig { Kind = ScheduleKind.Wsd, FinalFraction = 0, DecayFraction = 1 }, warmup: 500, total: 1000, tokens: 500, share: 0.5);

    [Theory]
    [InlineData(ScheduleKind.Constant)]
    [InlineData(ScheduleKind.Cosine)]
    [InlineData(ScheduleKind.Wsd)]
    public void Without_warmup_the_first_step_has_nearly_the_whole_rate(ScheduleKind kind) =>
        Check(new ScheduleConfig { Kind = kind }, warmup: 0, total: 1_000_000, tokens: 1, share: 1);

    [Theory]
    [InlineData(null, 1.0, 0.2, 2949 /* tokens: one a parameter */)]
    [InlineData(null, 2.0, 0.9, 5898)]
    [InlineData(null, 1.0, 0.01, 1000)]
    [InlineData(640L, 1.0, 0.2, 640)]
    [InlineData(640L, 1.0, 0.001, 100)]
    public void Warmup_is_a_number_of_tokens_or_so_many_a_parameter_and_never_more_than_its_share(long? tokens, double tokensPerParameter, double share, long expected)
    {
        var training = new TrainingConfig { Warmup = new WarmupConfig { Tokens = tokens, TokensPerParameter = tokensPerParameter, MaxFraction = share } };
        var counts = new Core.Models.ParameterCounts { TokenEmbedding = 2056, PositionEmbedding = 0, Attention = 300, Mlp = 577, Norms = 16, Head = 0, HeadProjection = 2056 };
        Assert.Equal(2949, counts.Total);
        Assert.Equal(expected, TrainingCourse.WarmupTokens(training, counts, 100_000));
    }

    private static void Check(ScheduleConfig config, long warmup, long total, long tokens, double share) =>
        Assert.Equal(0.004 * share, new Schedule(0.004, warmup, total, config).LearningRate(tokens), 1e-8 * 0.004); // a first step of one token in a million loses 1e-11
}
