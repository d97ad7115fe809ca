using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;

namespace ScalingLab.Core.Tests.Configs;

public sealed class HyperParametersTests
{
    /// <summary>The table of research notes on training: N, then learning rates by Kaplan, Porian and StepLaw and the batches of the last two, D = 20 N.</summary>
    [Theory]
    [InlineData(1e4, .0020, .104, 671, .107, 610)]
    [InlineData(1e5, .0016, .048, 3.1e3, .042, 2.3e3)]
    [InlineData(1e6, .0013, .022, 14e3, .017, 8.5e3)]
    [InlineData(1e7, .0010, .010, 67e3, .0065, 31e3)]
    public void The_rules_give_what_an_independent_table_says(double n, double kaplan, double porian, double porianBatch, double step, double stepBatch)
    {
        const double Rounding = 0.04; // The table has two digits, and took 1.78 and 0.57 for StepLaw's 1.79 and 0.58.
        Assert.Equal(kaplan, HyperParameters.Kaplan2020LearningRate(n), Rounding * kaplan);
        Assert.Equal(porian, HyperParameters.Porian2024LearningRate(n), Rounding * porian);
        Assert.Equal(porianBatch, HyperParameters.Porian2024BatchTokens(n), Rounding * porianBatch);
        Assert.Equal(step, HyperParameters.StepLaw2025LearningRate(n, 20 * n), Rounding * step);
        Assert.Equal(stepBatch, HyperParameters.StepLaw2025BatchTokens(20 * n), Rounding * stepBatch);
    }

    [Fact]
    public void Each_rule_counts_parameters_as_its_paper_does()
    {
        ParameterCounts counts = ParameterCounts.Of(new ModelShape { Layers = 12, Width = 768, Heads = 12 }, 50_000);
        Assert.Equal(HyperParameters.Kaplan2020LearningRate(counts.NonEmbedding), Rate(HyperParameterRule.Kaplan2020));
        Assert.Equal(HyperParameters.Porian2024LearningRate(counts.WithHead), Rate(HyperParameterRule.Porian2024));
        Assert.Equal(HyperParameters.StepLaw2025LearningRate(counts.NonEmbedding, 1_000_000_000), Rate(HyperParameterRule.StepLaw2025));

        double Rate(HyperParameterRule rule) => HyperParameters.PeakLearningRate(new TrainingConfig { LearningRateRule = rule }, counts, 1_000_000_000);
    }

    [Fact]
    public void The_cap_bounds_a_rule_and_leaves_a_fixed_value_alone()
    {
        ParameterCounts tiny = ParameterCounts.Of(new ModelShape { Layers = 1, Width = 16, Heads = 1 }, 257);
        Assert.Equal(0.03, HyperParameters.PeakLearningRate(new TrainingConfig { LearningRateRule = HyperParameterRule.Porian2024 }, tiny, 1));
        Assert.Equal(0.4, HyperParameters.PeakLearningRate(new TrainingConfig { LearningRate = 0.2, LearningRateScale = 2 }, tiny, 1));
    }

    [Theory]
    [InlineData(1000, 896)]
    [InlineData(100, 128)]
    [InlineData(128, 128)]
    public void A_batch_is_whole_sequences_and_at_least_one(long wanted, long expected) =>
        Assert.Equal(expected, HyperParameters.BatchTokens(new TrainingConfig { BatchTokens = wanted }, ParameterCounts.Of(new ModelShape(), 257), 128, 1_000_000));
}
