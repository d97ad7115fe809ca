using System.Text.Json;
using ScalingLab.Laws.Fitting;
using Xunit.Abstractions;

namespace ScalingLab.Laws.Tests.Fitting;

/// <summary>Besiroglu et al. 2024, arXiv:2404.10102: the reconstructed Chinchilla runs. Values from an independent converged refit.</summary>
public class PublishedFitTests(ITestOutputHelper output)
{
    private const string Runs = "chinchilla-epoch/runs.csv";

    [PublishedTheory]
    [InlineData("log-huber:1e-3", "log_huber_1e3", 1e-8)]
    [InlineData("log-huber:1e-2", "log_huber_1e2", 1e-7)]
    [InlineData("log-huber:1e-4", "log_huber_1e4", 1e-7)]
    [InlineData("log-mse", "log_mse", 1e-7)]
    [InlineData("mse", "raw_mse", 1e-5)]   // Its digits are those of the reference's optimiser.
    [InlineData("log-l1", "log_L1", 3e-5)] // The reference stopped at 1.1294947574; ours goes on to 1.1294946640.
    public void The_published_optimum_is_reached_or_beaten(string objective, string key, double tolerance)
    {
        var fit = ChinchillaFitter.Fit(PublishedData.Points(Runs, inFitOnly: true), new ChinchillaFitOptions { Objective = Objective.Parse(objective) });
        var expected = PublishedData.Expected("chinchilla-epoch").GetProperty("refit").GetProperty(key);
        double least = (expected.TryGetProperty("objective", out var value) ? value : expected.GetProperty("sse")).GetDouble();
        Assert.True(fit.Value <= least * (1 + 1e-8), $"{fit.Value:R} is above {least:R}");
        AssertParameters(expected, fit.Law, tolerance);
        Assert.Equal(fit.Starts, fit.StartsAgreeing);
        Assert.True(fit.Converged);
    }

    [PublishedFact]
    public void Five_outliers_move_beta_from_367_to_453_thousandths()
    {
        var fit = ChinchillaFitter.Fit(PublishedData.Points(Runs));
        AssertParameters(PublishedData.Expected("chinchilla-epoch").GetProperty("refit").GetProperty("all_245_log_huber_1e3"), fit.Law, 1e-6);
    }

    [PublishedFact]
    public void The_other_reading_of_the_figure_has_its_own_optimum()
    {
        var fit = ChinchillaFitter.Fit(PublishedData.Points("chinchilla-kyotakano/runs.csv"));
        AssertParameters(PublishedData.Expected("chinchilla-kyotakano").GetProperty("refit_log_huber_1e3"), fit.Law, 1e-6);
    }

    /// <summary>
    /// kyo-takano/chinchilla: ten times the cost above the observation, mean of raw absolute errors. Its notebook stopped at .0227819003. A linear programme over
    /// E, A, B gave .02278185874 to its own tolerance (at its printed parameters the objective is .02278187); the surface through the same five points has .02278185983,
    /// and the multipliers of all five lie inside their bounds, so nothing near is lower.
    /// </summary>
    [PublishedFact]
    public void The_lower_envelope_reaches_the_optimum_that_its_notebook_missed()
    {
        var points = PublishedData.Points("chinchilla-kyotakano/runs.csv");
        var fit = ChinchillaFitter.Fit(points, new ChinchillaFitOptions { Objective = Objective.Parse("asymmetric:10") });
        var expected = PublishedData.Expected("chinchilla-kyotakano").GetProperty("refit_global");
        double least = expected.GetProperty("objective").GetDouble();
        output.WriteLine($"{fit.Value:R} against {least:R}; {fit.StartsAgreeing} of {fit.Starts} starts; {fit.Law}; {fit.Reason}");
        Assert.True(fit.Value <= least * (1 + 1e-7), $"{fit.Value:R} is above {least:R}");
        Assert.Equal(0.02278185983221, fit.Value, 1e-13);
        Assert.Equal("mean", fit.Objective.Reduction);
        AssertParameters(expected, fit.Law, 1e-4);
        Assert.True(fit.Converged);
        int above = Enumerable.Range(0, points.Count).Count(i => ChinchillaFitter.Residual(fit.Law, points, i, ResidualScale.Raw) > 1e-6);
        Assert.InRange(above, points.Count / 11 - 5, points.Count / 11 + 1); // The quantile 1/11, less the points on the surface.
    }

    private static void AssertParameters(JsonElement expected, ChinchillaLaw law, double tolerance)
    {
        foreach (string name in ChinchillaLaw.ParameterNames)
        {
            double value = expected.GetProperty(name).GetDouble();
            Assert.Equal(value, law.Parameter(name), tolerance: tolerance * value);
        }
    }
}
