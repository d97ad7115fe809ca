using ScalingLab.Core.Units;

namespace ScalingLab.Laws.Tests;

public class ChinchillaLawTests
{
    private static readonly ChinchillaLaw Rounded = new(1.69, 406.4, 410.7, 0.34, 0.28); // Hoffmann et al. 2022, Eq. 10, printed digits

    [Theory, InlineData(1e18), InlineData(5.76e23)]
    public void No_other_split_of_the_budget_has_a_lower_loss(double flops)
    {
        Allocation best = Rounded.ComputeOptimal(new Flops(flops));
        double least = Rounded.Loss(best.Parameters, best.Tokens).Value;
        Assert.Equal(flops, 6 * best.Parameters * best.Tokens, tolerance: 1e-9 * flops);
        foreach (double k in new[] { 0.5, 0.99, 1.01, 2.0 })
            Assert.True(Rounded.Loss(best.Parameters * k, best.Tokens / k).Value > least, $"N x {k}");
    }

    /// <summary>Pins our arithmetic, not the paper's headline: the printed constants are rounded.</summary>
    [Fact]
    public void Rounded_constants_give_93_tokens_a_parameter_at_the_budget_of_Gopher()
    {
        Allocation best = Rounded.ComputeOptimal(new Flops(5.76e23));
        Assert.Equal(3.22e10, best.Parameters, tolerance: 0.005e10);
        Assert.Equal(2.98e12, best.Tokens, tolerance: 0.005e12);
        Assert.Equal(93, best.TokensPerParameter, tolerance: 0.5);
    }

    [Fact]
    public void Another_cost_of_a_token_only_rescales_the_budget()
    {
        Assert.Equal(Rounded.ComputeOptimal(new Flops(6e20)), Rounded.ComputeOptimal(new Flops(8e20), flopsPerParameterToken: 8));
    }

    [Fact]
    public void The_gradient_agrees_with_central_differences()
    {
        double[] gradient = new double[5];
        Rounded.Gradient(1e9, 2e10, gradient);
        Func<double, ChinchillaLaw>[] moved =
        [
            h => Rounded with { A = Rounded.A + h }, h => Rounded with { B = Rounded.B + h }, h => Rounded with { E = Rounded.E + h },
            h => Rounded with { Alpha = Rounded.Alpha + h }, h => Rounded with { Beta = Rounded.Beta + h },
        ];
        for (int i = 0; i < 5; i++)
        {
            double h = 1e-5 * Math.Max(1, Math.Abs(Rounded.Parameter(ChinchillaLaw.ParameterNames[i])));
            double difference = (moved[i](h).Loss(1e9, 2e10).Value - moved[i](-h).Loss(1e9, 2e10).Value) / (2 * h);
            Assert.Equal(difference, gradient[i], tolerance: 1e-7 * Math.Max(1e-3, Math.Abs(difference))); // h² and rounding/h
        }
    }
}
