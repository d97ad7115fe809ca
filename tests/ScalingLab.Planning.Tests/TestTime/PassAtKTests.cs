using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using ScalingLab.Planning.TestTime;

namespace ScalingLab.Planning.Tests.TestTime;

public class PassAtKTests
{
    // Sixteen problems of fifty answers; coverage at 1, 5 and 50 by exact integer binomials elsewhere (Python's math.comb).
    internal static readonly SampleCount[] Sixteen = [.. new[] { 0, 0, 0, 0, 0, 0, 1, 3, 4, 10, 22, 37, 50, 2, 0, 7 }.Select(c => new SampleCount(50, c))];

    [Theory, InlineData(1, 0.17), InlineData(5, 0.31931371415356147), InlineData(50, 0.5625)]
    public void Coverage_is_that_of_exact_binomials(int k, double expected) => Assert.Equal(expected, Coverage.At(Sixteen, k)!.Value, 1e-14);

    [Fact]
    public void Each_problem_is_one_less_a_ratio_of_binomials() => Prop.ForAll(Gen.Choose(1, 120).SelectMany(n => Gen.Choose(0, n).SelectMany(c => Gen.Choose(1, n).Select(k => (n, c, k)))).ToArbitrary(), t =>
    {
        double exact = 1 - (double)Choose(t.n - t.c, t.k) / (double)Choose(t.n, t.k);
        return Math.Abs(new SampleCount(t.n, t.c).PassAt(t.k)!.Value - exact) < 1e-12;
    }).Check(Config.QuickThrowOnFailure);

    /// <summary>Unbiased: averaged over all c that p gives, it is 1 − (1 − p)^k, whatever n is.</summary>
    [Theory, InlineData(20, 5, 0.1), InlineData(12, 12, 0.35), InlineData(200, 10, 0.02)]
    public void It_is_unbiased(int n, int k, double p)
    {
        double mean = 0;
        for (int c = 0; c <= n; c++)
            mean += (double)Choose(n, c) * Math.Pow(p, c) * Math.Pow(1 - p, n - c) * new SampleCount(n, c).PassAt(k)!.Value;
        Assert.Equal(1 - Math.Pow(1 - p, k), mean, 1e-10);
    }

    [Fact]
    public void More_answers_than_were_counted_have_no_estimate() => Assert.Null(Coverage.At(Sixteen, 51));

    private static BigInteger Choose(int n, int k)
    {
        if (k > n)
            return 0;
        BigInteger value = 1;
        for (int i = 0; i < k; i++)
            value = value * (n - i) / (i + 1);
        return value;
    }
}
