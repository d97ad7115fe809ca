using ScalingLab.Core.Runs;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;
using Xunit.Abstractions;

namespace ScalingLab.Laws.Tests.Reports;

/// <summary>Negative controls: where the data hold no law, or not this one, nothing confident may come out.</summary>
public class NoLawTests(ITestOutputHelper output)
{
    private static readonly IntervalRequest Both = new() { Profile = ProfileCriterion.Robust };

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Pure_noise_has_warnings_and_open_or_wide_profiles(int seed)
    {
        var random = new RandomStream(seed, 0);
        var document = Fit(PlantedRuns.Observations(PlantedRuns.Law, 0, 1, 6, 6).Select(r => r with { Loss = 3 * Math.Exp(0.05 * random.NextNormal()) }));
        Assert.Contains(document.Warnings, w => w.Contains("there may be no law in these data"));
        Assert.All(new[] { "alpha", "beta", "exponentN" }, name => AssertVague(document, name));
    }

    /// <summary>Loss falls with D and not with N.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void A_loss_that_does_not_depend_on_N_leaves_alpha_and_the_optimum_open(int seed)
    {
        var random = new RandomStream(seed, 1);
        var document = Fit(PlantedRuns.Observations(PlantedRuns.Law, 0, 1, 6, 6).Select(r => r with { Loss = (1.8 + 2100 / Math.Pow(r.Tokens!.Value, 0.37)) * Math.Exp(0.005 * random.NextNormal()) }));
        AssertVague(document, "alpha");
        AssertVague(document, "exponentN");
        Assert.Contains(document.Warnings, w => w.Contains("the likelihood of ") || w.Contains("A is at 0") || w.Contains("hardly constrain"));
        Assert.Equal(0.37, document.Parameters["beta"], 0.05); // The term that is there is still found.
    }

    [Fact]
    public void One_model_size_leaves_alpha_open_and_an_upper_end_only_for_E()
    {
        var document = Fit(PlantedRuns.Observations(PlantedRuns.Law, 0.005, 1).Where(r => r.ParametersTotal < 1.1e7));
        Assert.Equal([null, null], document.Profile!["alpha"].Interval);
        Assert.Contains(document.Warnings, w => w.StartsWith("all observations have one N", StringComparison.Ordinal));
        AssertVague(document, "exponentN");
    }

    private FitDocument Fit(IEnumerable<Observation> rows)
    {
        var document = FitDocuments.Parametric(FitPoints.From([.. rows]), new ChinchillaFitOptions(), new BootstrapOptions { Resamples = 60 }, request: Both);
        output.WriteLine(string.Join("\n", document.Warnings.Concat(document.Profile!.Select(p => $"{p.Key} {p.Value.Estimate:g4} [{p.Value.Interval[0]:g4}, {p.Value.Interval[1]:g4}] {p.Value.LowReason} {p.Value.HighReason} dispersion {p.Value.Dispersion:g3}"))));
        return document;
    }

    // Open on a side; or an exponent known to no better than ±.2.
    private static void AssertVague(FitDocument document, string name)
    {
        double?[] ends = document.Profile![name].Interval;
        Assert.True(ends[0] is null || ends[1] is null || ends[1] - ends[0] > 0.4, $"{name} [{ends[0]}, {ends[1]}]");
    }
}
