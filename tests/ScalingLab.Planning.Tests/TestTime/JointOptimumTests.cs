using ScalingLab.Laws;
using ScalingLab.Planning.TestTime;

namespace ScalingLab.Planning.Tests.TestTime;

public class JointOptimumTests
{
    private static readonly ChinchillaLaw Law = PublishedLaw.Named("besiroglu2024").Law;
    private static readonly PassLink Link = PassLink.Through((2.3, 0.05), (2.0, 0.25));

    private static TestTimeDemand Demand(Verifier verifier, double queries = 1e8, double cost = 0) => new(Law, Link, 1.5, verifier, cost, queries, 1000);

    [Theory, InlineData(1, 0, 1e23), InlineData(1, 0, 1e21), InlineData(0.9, 0.05, 1e23)]
    public void No_other_split_of_the_budget_solves_more(double t, double f, double flops)
    {
        var demand = Demand(new Verifier(t, f), cost: 0.1);
        var best = JointOptimum.Of(demand, flops)!;
        Assert.Equal(1, (6 * best.Parameters * best.Tokens + demand.AnswerFlops(best.Parameters, best.Answers)) / flops, 1e-12);
        Assert.InRange(best.TrainingShare, 0, 1);
        foreach (double dn in new[] { 0.9, 0.99, 1, 1.01, 1.1 })
        {
            foreach (double dk in new[] { 0.9, 0.99, 1, 1.01, 1.1 })
            {
                double n = best.Parameters * dn, k = best.Answers * dk, d = (flops - demand.AnswerFlops(n, k)) / (6 * n);
                if ((dn, dk) != (1, 1) && d > 0 && k >= 1)
                    Assert.True(demand.Solved(n, d, k) < best.Solved, $"{dn} {dk}");
            }
        }
    }

    /// <summary>With hardly a query left to answer, one answer each costs nothing and training is all: Hoffmann et al. 2022, Eq. 4.</summary>
    [Fact]
    public void Without_queries_it_is_the_optimum_of_training()
    {
        var best = JointOptimum.Of(Demand(Verifier.Perfect, queries: 1e-6), 1e22, fixedAnswers: 1)!;
        var training = Law.ComputeOptimal(new Core.Units.Flops(1e22));
        Assert.Equal(1, best.Parameters / training.Parameters, 1e-3); // the loss is flat: the search stops at steps of 1e-7, the optimum of a parabola is known to about the root of rounding
        Assert.Equal(1, best.TrainingShare, 1e-12);
    }

    /// <summary>The finding of Roberts et al. 2026, arXiv:2604.01411: answers paid for make a smaller model, trained for longer, the better one.</summary>
    [Fact]
    public void More_answers_make_the_best_model_smaller_and_trained_for_longer()
    {
        var joint = JointOptimum.Of(Demand(Verifier.Perfect), 1e23)!;
        var single = JointOptimum.Of(Demand(Verifier.Perfect), 1e23, fixedAnswers: 1)!;
        var twenty = JointOptimum.Of(Demand(Verifier.Perfect), 1e23, tokensPerParameter: 20)!;
        Assert.True(joint.Answers > 2);
        Assert.True(joint.Parameters < single.Parameters);
        Assert.True(joint.Tokens / joint.Parameters > 2 * single.Tokens / single.Parameters);
        Assert.True(joint.Solved > single.Solved && joint.Solved > twenty.Solved);
    }

    [Fact]
    public void A_budget_that_pays_for_no_answers_has_no_optimum() => Assert.Null(JointOptimum.Of(Demand(Verifier.Perfect, queries: 1e30), 1e20));

    [Fact]
    public void The_link_goes_through_both_models()
    {
        Assert.Equal(0.05, Link.At(2.3), 1e-12);
        Assert.Equal(0.25, Link.At(2.0), 1e-12);
        Assert.Throws<ArgumentException>(() => PassLink.Through((2.0, 0.05), (2.3, 0.25)));
    }
}
