using ScalingLab.Planning.TestTime;

namespace ScalingLab.Planning.Tests.TestTime;

public class ExchangeTests
{
    /// <summary>M + 3(M − 1)/R, Snell et al. 2024, arXiv:2408.03314, Sec. 7.</summary>
    [Theory, InlineData(14, 0.16, 14 + 39 / 0.16), InlineData(14, 22, 14 + 39.0 / 22), InlineData(1, 0.5, 1), InlineData(2, 3, 3)]
    public void The_multiple_is_the_published_formula(double m, double r, double expected) => Assert.Equal(expected, Exchange.InferenceMultiple(m, r), 1e-9);

    [Theory, InlineData(7e9, 2e12, 14, 0.16), InlineData(1e9, 5e11, 3.5, 22)]
    public void Both_models_then_cost_the_same_in_all(double n, double training, double m, double r)
    {
        double inference = r * training, larger = 6 * m * n * training + 2 * m * n * inference;
        double smaller = 6 * n * training + 2 * n * inference * Exchange.InferenceMultiple(m, r);
        Assert.Equal(1, smaller / larger, 1e-12);
    }
}
