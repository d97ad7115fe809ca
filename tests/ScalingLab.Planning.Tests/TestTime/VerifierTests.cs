using FsCheck;
using FsCheck.Fluent;
using ScalingLab.Laws.Resampling;
using ScalingLab.Planning.TestTime;

namespace ScalingLab.Planning.Tests.TestTime;

public class VerifierTests
{
    /// <summary>Answers drawn, checked and picked one by one; the tolerance is four standard deviations of 200,000 trials.</summary>
    [Theory, InlineData(0.3, 0.8, 0.25, 4), InlineData(0.05, 0.95, 0.02, 16), InlineData(0.6, 0.5, 0.5, 8)]
    public void Best_of_n_is_what_drawing_and_checking_gives(double p, double t, double f, int n)
    {
        const int Trials = 200_000;
        var random = new RandomStream(11, 0);
        int right = 0;
        for (int trial = 0; trial < Trials; trial++)
        {
            int accepted = 0, rejected = 0;
            bool chosen = false, fallback = false;
            for (int i = 0; i < n; i++)
            {
                bool correct = random.NextUnit() <= p, accepts = random.NextUnit() <= (correct ? t : f);
                // Each of those seen so far is as likely to be kept as any other.
                if (accepts && random.NextIndex(++accepted) == 0)
                    chosen = correct;
                else if (!accepts && random.NextIndex(++rejected) == 0)
                    fallback = correct;
            }
            right += (accepted > 0 ? chosen : fallback) ? 1 : 0;
        }
        double success = new Verifier(t, f).Success(p, n);
        Assert.Equal(success, (double)right / Trials, 4 * Math.Sqrt(success * (1 - success) / Trials));
    }

    /// <summary>Against a sum over 400,000 points of p = x^(1/a), which takes the pole of the density away.</summary>
    [Theory, InlineData(0.9, 0.1, 10, 0.3726284549064138), InlineData(0.9, 0.1, 1, 0.13793103448275953), InlineData(0.95, 0.02, 64, 0.6148673551734518)]
    public void Over_a_mixture_it_is_the_integral(double t, double f, double n, double expected)
    {
        var document = TestTimePlan.BestOf(new BetaMixture(0.4, 2.5), new Verifier(t, f), 0.2, [n]);
        Assert.Equal(expected, document.Rows[0].Success, 1e-8);
        Assert.Equal(1.2 * n, document.Rows[0].RelativeCost, 1e-12); // the check of every answer is paid for
    }

    [Fact]
    public void One_answer_is_worth_its_chance_and_no_verifier_that_errs_lifts_success_above_the_ceiling() => Prop.ForAll(Share().SelectMany(p => Share().SelectMany(t => Share().Select(f => (p, t, f)))).ToArbitrary(), x =>
    {
        (double p, double t, double f) = x;
        var verifier = new Verifier(t, f);
        bool one = Math.Abs(verifier.Success(p, 1) - p) < 1e-12, ceiling = t < f || Enumerable.Range(0, 20).All(i => verifier.Success(p, Math.Pow(2, i)) <= verifier.Ceiling(p) + 1e-12);
        return one && ceiling && Math.Abs(verifier.Success(p, 1e9) - verifier.Ceiling(p)) < 1e-6;
    }).Check(Config.QuickThrowOnFailure);

    [Fact]
    public void A_perfect_verifier_gives_coverage() => Assert.Equal(1 - Math.Pow(0.7, 12), Verifier.Perfect.Success(0.3, 12), 1e-14);

    private static Gen<double> Share() => Gen.Choose(1, 999).Select(i => i / 1000.0);
}
