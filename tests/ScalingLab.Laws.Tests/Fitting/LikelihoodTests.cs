using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Tests.Fitting;

public class LikelihoodTests
{
    /// <summary>Besiroglu et al. 2024, arXiv:2404.10102: a Huber density with a fitted scale, in effect Laplace's, gives 879.7731.</summary>
    [PublishedFact]
    public void The_published_log_likelihood_of_the_refit_is_reached()
    {
        var points = PublishedData.Points("chinchilla-epoch/runs.csv", inFitOnly: true);
        var objective = Objective.Parse("log-l1");
        double ours = Likelihood.Log(objective, ChinchillaFitter.Fit(points, new ChinchillaFitOptions { Objective = objective }).Value, points.Count);
        Assert.Equal(PublishedData.Expected("chinchilla-epoch").GetProperty("published").GetProperty("loglik").GetProperty("fit").GetDouble(), ours, 1e-4);
        var rounded = new ChinchillaLaw(1.69, 406.4, 410.7, 0.34, 0.28);
        Assert.Equal(562.25, Likelihood.Log(objective, ChinchillaFitter.ValueOf(rounded, points, objective), points.Count), 0.01);
    }

    [Fact]
    public void Squares_have_the_normal_closed_form()
    {
        double closed = -50 * (Math.Log(2 * Math.PI * 0.3 / 100) + 1); // −n/2·(ln 2πσ² + 1), σ² = value/n
        Assert.Equal(closed, Likelihood.Log(Objective.Parse("mse"), 0.3, 100), 1e-9);
    }

    [Fact]
    public void Hubers_density_lies_between_its_two_limits()
    {
        Assert.Equal(Likelihood.Log(Objective.Parse("log-mse"), 2 * 0.3, 100), Likelihood.Log(Objective.Parse("log-huber:1e3"), 0.3, 100), 1e-6); // r²/2 throughout
        double delta = 1e-7;
        Assert.Equal(Likelihood.Log(Objective.Parse("log-l1"), 0.3, 100), Likelihood.Log(new Objective(ResidualScale.Log, Penalty.Huber, delta), 0.3 * delta - 100 * delta * delta / 2, 100), 1e-4); // δ|r| − δ²/2
    }

    [Fact]
    public void The_criterion_asks_for_two_more_observations_than_it_counts_parameters()
    {
        Assert.Null(Likelihood.Aicc(10, 5, 7));
        Assert.Equal(2 * 6 - 20 + 2.0 * 6 * 7 / 1, Likelihood.Aicc(10, 5, 8)!.Value, 1e-12);
    }
}
