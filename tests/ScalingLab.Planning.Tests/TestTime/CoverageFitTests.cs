using ScalingLab.Laws.Resampling;
using ScalingLab.Planning.TestTime;

namespace ScalingLab.Planning.Tests.TestTime;

public class CoverageFitTests
{
    /// <summary>exp(a k^b), Brown et al. 2024, arXiv:2407.21787, Eq. 3.</summary>
    [Theory, InlineData(-2.5, -0.4), InlineData(-0.3, -0.9), InlineData(-6, -0.15)]
    public void A_planted_power_law_comes_back(double a, double b)
    {
        var truth = new CoverageLaw(a, b, 0);
        var fit = CoverageLaw.Fit([.. new[] { 1, 2, 5, 10, 30, 100, 300 }.Select(k => ((double)k, truth.At(k)))])!;
        Assert.Equal((a, b), (Math.Round(fit.A, 9), Math.Round(fit.B, 9)));
        Assert.True(fit.RootMeanSquare < 1e-10);
    }

    [Fact]
    public void No_change_of_the_power_law_lowers_its_sum_of_squares()
    {
        (double K, double C)[] points = [(1, 0.12), (2, 0.22), (5, 0.33), (10, 0.47), (50, 0.66), (200, 0.77)];
        var fit = CoverageLaw.Fit(points)!;
        double least = Sum(fit.A, fit.B);
        Assert.Equal(fit.RootMeanSquare, Math.Sqrt(least / points.Length), 1e-12);
        foreach ((double da, double db) in new[] { (1e-4, 0), (-1e-4, 0), (0, 1e-4), (0, -1e-4), (1e-4, 1e-4), (-1e-4, 1e-4) })
            Assert.True(Sum(fit.A + da, fit.B + db) > least, $"{da} {db}");

        double Sum(double a, double b) => points.Sum(p => Math.Pow(p.C - Math.Exp(a * Math.Pow(p.K, b)), 2));
    }

    [Fact]
    public void Coverage_that_does_not_rise_has_no_power_law() => Assert.Null(CoverageLaw.Fit([(1, 0.5), (2, 0.5), (4, 0.5), (8, 0.5)]));

    /// <summary>1 − B(a, b+k)/B(a, b): for whole a and b it is a ratio of factorials.</summary>
    [Theory, InlineData(1, 1, 1, 0.5), InlineData(1, 1, 9, 0.9), InlineData(2, 3, 1, 0.4), InlineData(2, 3, 4, 1 - 12.0 / 56)]
    public void The_coverage_of_a_beta_mixture_is_a_ratio_of_beta_functions(double a, double b, double k, double expected) => Assert.Equal(expected, new BetaMixture(a, b).At(k), 1e-12);

    /// <summary>Four standard errors of a sample of that size: the likelihood's own curvature, by central differences.</summary>
    [Fact]
    public void A_planted_mixture_comes_back_within_its_error()
    {
        const double a = 0.4, b = 2.5;
        var random = new RandomStream(7, 0);
        SampleCount[] counts = [.. Enumerable.Range(0, 3000).Select(_ => Draw(ref random))];
        var fit = BetaMixture.Fit(counts);
        Assert.Equal(a, fit.A, 4 * 0.013); // at 3000 problems of 100 answers
        Assert.Equal(b, fit.B, 4 * 0.11);
        double best = fit.LogLikelihood(counts);
        foreach (double factor in new[] { 0.99, 1.01 })
        {
            Assert.True(new BetaMixture(fit.A * factor, fit.B).LogLikelihood(counts) < best);
            Assert.True(new BetaMixture(fit.A, fit.B * factor).LogLikelihood(counts) < best);
        }

        SampleCount Draw(ref RandomStream r)
        {
            // A Beta deviate is a share of two gamma deviates (Marsaglia and Tsang 2000).
            double x = Gamma(ref r, a), y = Gamma(ref r, b), p = x / (x + y);
            int correct = 0;
            for (int i = 0; i < 100; i++)
                correct += r.NextUnit() <= p ? 1 : 0;
            return new(100, correct);
        }

        static double Gamma(ref RandomStream r, double shape)
        {
            if (shape < 1)
                return Gamma(ref r, shape + 1) * Math.Pow(r.NextUnit(), 1 / shape);
            double d = shape - 1.0 / 3, c = 1 / Math.Sqrt(9 * d);
            while (true)
            {
                double z = r.NextNormal(), v = Math.Pow(1 + c * z, 3);
                if (v > 0 && Math.Log(r.NextUnit()) < z * z / 2 + d - d * v + d * Math.Log(v))
                    return d * v;
            }
        }
    }

    [Fact]
    public void The_likelihood_is_stationary_at_the_fit()
    {
        var fit = BetaMixture.Fit(PassAtKTests.Sixteen);
        const double h = 1e-4;
        double atA = new BetaMixture(fit.A * (1 + h), fit.B).LogLikelihood(PassAtKTests.Sixteen) - new BetaMixture(fit.A * (1 - h), fit.B).LogLikelihood(PassAtKTests.Sixteen);
        double atB = new BetaMixture(fit.A, fit.B * (1 + h)).LogLikelihood(PassAtKTests.Sixteen) - new BetaMixture(fit.A, fit.B * (1 - h)).LogLikelihood(PassAtKTests.Sixteen);
        Assert.InRange(atA, -1e-9, 1e-9);
        Assert.InRange(atB, -1e-9, 1e-9);
        Assert.False(fit.AtBound);
    }

    [Fact]
    public void Problems_that_are_all_alike_run_to_the_bound() => Assert.True(BetaMixture.Fit([.. Enumerable.Repeat(new SampleCount(10, 5), 50)]).AtBound);

    /// <summary>ψ'(1) = π²/6, ψ'(1/2) = π²/2, and the recurrence ψ'(x+1) = ψ'(x) − 1/x².</summary>
    [Fact]
    public void Trigamma_has_its_known_values()
    {
        Assert.Equal(Math.PI * Math.PI / 6, BetaMixture.TriGamma(1), 1e-13);
        Assert.Equal(Math.PI * Math.PI / 2, BetaMixture.TriGamma(0.5), 1e-13);
        foreach (double x in new[] { 0.01, 3.7, 9.99, 10.5, 1e4 })
            Assert.Equal(1 / (x * x), BetaMixture.TriGamma(x) - BetaMixture.TriGamma(x + 1), 1e-13 / Math.Min(1, x * x));
    }

    [Theory, InlineData(0.4, 2.5), InlineData(0.02, 0.05), InlineData(300, 700), InlineData(1e6, 1e5), InlineData(1e-3, 3)]
    public void Expectations_over_a_mixture_have_its_moments(double a, double b)
    {
        var mixture = new BetaMixture(a, b);
        Assert.Equal(1, mixture.Expect(_ => 1), 1e-9);
        Assert.Equal(a / (a + b), mixture.Expect(p => p), 1e-9);
        Assert.Equal(mixture.At(37), mixture.Expect(p => 1 - Math.Pow(1 - p, 37)), 1e-9);
    }
}
