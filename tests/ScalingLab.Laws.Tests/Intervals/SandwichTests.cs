using ScalingLab.Core.Runs;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;

namespace ScalingLab.Laws.Tests.Intervals;

public class SandwichTests
{
    /// <summary>A linear law under squares: leaving out a cluster moves the fit by exactly what the sandwich says to first order.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void A_linear_fit_has_the_variance_of_leaving_out_each_cluster_in_turn(bool clustered)
    {
        Observation[] rows = [.. PlantedRuns.Observations(PlantedRuns.Law, 0.01, 9, 4, 5).Select(r => clustered ? r with { Group = r.Run.Split('-')[0] } : r)];
        var options = new ChinchillaFitOptions { Objective = Objective.Parse("mse"), Fixed = new Dictionary<string, double> { ["alpha"] = 0.35, ["beta"] = 0.37 } };
        var points = FitPoints.From(rows);
        var law = ChinchillaFitter.Fit(points, options).Law;
        double squares = 0;
        for (int g = 0; g < points.ClusterCount; g++)
        {
            int[] rest = [.. Enumerable.Range(0, points.Count).Where(i => points.Clusters[i] != g)];
            squares += Math.Pow(ChinchillaFitter.Fit(points.Subset(rest), options).Law.E - law.E, 2);
        }
        var sandwich = Fitted(points, options, law).Sandwich!;
        double expected = squares * (points.ClusterCount - 1) / points.ClusterCount;
        Assert.Equal(expected, sandwich.Variance([1, 0, 0, 0, 0]), tolerance: 1e-6 * expected);
    }

    /// <summary>Five free parameters under log-Huber, δ well under the noise: the standard error is that of 400 planted data sets, within what the kernel costs.</summary>
    [Fact]
    public void Errors_of_many_planted_fits_spread_as_the_sandwich_says()
    {
        var options = new ChinchillaFitOptions();
        const int sets = 400;
        double[] exponents = new double[sets];
        double variance = 0;
        for (int s = 0; s < sets; s++)
        {
            var points = PlantedRuns.Grid(PlantedRuns.Law, 0.01, 5000 + s, 8, 8);
            var law = ChinchillaFitter.Fit(points, options with { StartExponents = [0.35] }).Law;
            exponents[s] = law.ExponentN;
            double sum = (law.Alpha + law.Beta) * (law.Alpha + law.Beta);
            variance += Fitted(points, options, law).Sandwich!.Variance([0, 0, 0, -law.Beta / sum, law.Alpha / sum]) / sets;
        }
        double mean = exponents.Average(), spread = Math.Sqrt(exponents.Sum(e => (e - mean) * (e - mean)) / (sets - 1));
        Assert.InRange(Math.Sqrt(variance) / spread, 0.9, 1.35);
    }

    private static FittedProblem Fitted(FitPoints points, ChinchillaFitOptions options, ChinchillaLaw law)
    {
        var workspace = new ChinchillaWorkspace(points, options);
        workspace.Load(points.Loss);
        return workspace.Fitted(law, []);
    }
}
