using ScalingLab.Planning.DataStock;
using ScalingLab.Planning.Frontier;

namespace ScalingLab.Planning.Tests.DataStock;

public class DataPlanTests
{
    /// <summary>Test value of the authors' own code (huggingface/datablations), for Muennighoff et al. 2023, arXiv:2305.16264.</summary>
    [Fact]
    public void The_loss_on_repeated_tokens_is_the_published_one() => Assert.Equal(2.2256440889984477, RepeatedTokens.Loss(6.34e9, 242e9, 25e9), 1e-14);

    [Fact]
    public void Tokens_of_the_first_epoch_are_worth_themselves()
    {
        Assert.Equal(7e9, RepeatedTokens.Worth(10e9, 7e9));
        Assert.Equal(10e9, RepeatedTokens.Worth(10e9, 10e9));
        Assert.Equal(1, RepeatedTokens.NextToken(0.5));
    }

    [Theory, InlineData(1.5), InlineData(4), InlineData(40)]
    public void The_worth_of_the_next_token_is_the_slope_of_the_worth(double epochs)
    {
        const double unique = 25e9, step = 1e-4 * unique;
        double slope = (RepeatedTokens.Worth(unique, epochs * unique + step) - RepeatedTokens.Worth(unique, epochs * unique - step)) / (2 * step);
        Assert.Equal(slope, RepeatedTokens.NextToken(epochs), 1e-7);
    }

    [Theory, InlineData(0.3), InlineData(1), InlineData(3.7), InlineData(15)]
    public void Epochs_for_a_need_are_worth_it(double needs) => Assert.Equal(needs * 1e9, RepeatedTokens.Worth(1e9, RepeatedTokens.EpochsFor(1e9, needs * 1e9)!.Value * 1e9), 1);

    [Fact]
    public void No_number_of_epochs_is_worth_more_than_the_limit()
    {
        Assert.Null(RepeatedTokens.EpochsFor(1e9, 16.5e9));
        Assert.NotNull(RepeatedTokens.EpochsFor(1e9, 16.3e9));
        Assert.InRange(RepeatedTokens.Worth(1e9, 1e15), 16.387e9, 16.388e9); // 1 + rd
    }

    [Fact]
    public void The_published_stock_is_short_by_its_own_percentiles()
    {
        Assert.Equal(0.05, TokenStock.ProbabilityBelow(TokenStock.Published, 100e12), 1e-12);
        Assert.Equal(0.5, TokenStock.ProbabilityBelow(TokenStock.Published, 300e12), 1e-12);
        Assert.Equal(0.95, TokenStock.ProbabilityBelow(TokenStock.Published, 1000e12), 1e-12);
    }

    [Fact]
    public void A_plan_sets_the_need_against_the_stock_and_warns_where_no_repetition_helps()
    {
        var plan = DataPlan.For(30e12, "given", 70e9, 1e12, TokenStock.Published, null, new FrontierOptions());
        Assert.Equal(0.1, plan.Stock.Share, 1e-12);
        Assert.Null(plan.EpochsNeeded);
        Assert.Contains(plan.Warnings, w => w.Contains("no number of epochs"));
        Assert.True(plan.Epochs.Zip(plan.Epochs.Skip(1), (a, b) => b.FreshTokens > a.FreshTokens && b.Share < a.Share && b.Loss <= a.Loss).All(x => x));
    }
}
