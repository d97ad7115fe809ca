using FsCheck;
using FsCheck.Fluent;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Tests.Fitting;

public class ChinchillaFitterTests
{
    [Theory, InlineData("log-huber:1e-3"), InlineData("log-mse"), InlineData("huber:1e-2"), InlineData("mse"), InlineData("log-l1"), InlineData("asymmetric:10")]
    public void A_law_without_noise_comes_back_exactly(string objective)
    {
        var fit = ChinchillaFitter.Fit(PlantedRuns.Grid(PlantedRuns.Law, noise: 0, seed: 1), new ChinchillaFitOptions { Objective = Objective.Parse(objective) });
        foreach (string name in ChinchillaLaw.ParameterNames)
        {
            double planted = PlantedRuns.Law.Parameter(name);
            Assert.Equal(planted, fit.Law.Parameter(name), tolerance: 1e-8 * planted);
        }
        Assert.Equal(fit.Starts, fit.StartsAgreeing);
    }

    [Fact]
    public void Any_planted_law_comes_back_from_any_start()
    {
        var laws = from e in Gen.Choose(50, 250)
                   from alpha in Gen.Choose(15, 70)
                   from beta in Gen.Choose(15, 70)
                   from share in Gen.Choose(20, 80)
                   select Planted(e / 100.0, alpha / 100.0, beta / 100.0, share / 100.0);
        Prop.ForAll(laws.ToArbitrary(), law =>
        {
            var fit = ChinchillaFitter.Fit(PlantedRuns.Grid(law, noise: 0, seed: 1)).Law;
            return Math.Abs(fit.Alpha - law.Alpha) < 1e-6 && Math.Abs(fit.Beta - law.Beta) < 1e-6 && Math.Abs(fit.E - law.E) < 1e-6;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40).WithReplay(20240405, 1));

        // A and B such that the two terms together are 1 nat amid the grid.
        static ChinchillaLaw Planted(double e, double alpha, double beta, double share) =>
            new(e, share * Math.Pow(10, 8.25 * alpha), (1 - share) * Math.Pow(10, 9.75 * beta), alpha, beta);
    }

    [Fact]
    public void The_order_of_runs_does_not_matter()
    {
        var rows = PlantedRuns.Observations(PlantedRuns.Law, noise: 0.01, seed: 5);
        var forward = ChinchillaFitter.Fit(FitPoints.From(rows)).Law;
        rows.Reverse();
        var backward = ChinchillaFitter.Fit(FitPoints.From(rows)).Law;
        foreach (string name in ChinchillaLaw.ParameterNames)
            Assert.Equal(forward.Parameter(name), backward.Parameter(name), tolerance: 1e-8 * forward.Parameter(name)); // Sums round otherwise.
    }

    [Fact]
    public void Counting_N_in_thousands_changes_A_by_the_power_law_and_nothing_else()
    {
        var rows = PlantedRuns.Observations(PlantedRuns.Law, noise: 0.01, seed: 6);
        var plain = ChinchillaFitter.Fit(FitPoints.From(rows)).Law;
        var scaled = ChinchillaFitter.Fit(FitPoints.From([.. rows.Select(r => r with { ParametersTotal = r.ParametersTotal / 1000 })])).Law;
        Assert.Equal(plain.Alpha, scaled.Alpha, 1e-8);
        Assert.Equal(plain.Beta, scaled.Beta, 1e-8);
        Assert.Equal(plain.E, scaled.E, 1e-8);
        Assert.Equal(plain.A * Math.Pow(1000, -plain.Alpha), scaled.A, tolerance: 1e-6 * scaled.A);
    }

    [Fact]
    public void Every_row_twice_doubles_the_objective_and_leaves_the_law()
    {
        var rows = PlantedRuns.Observations(PlantedRuns.Law, noise: 0.01, seed: 7);
        var once = ChinchillaFitter.Fit(FitPoints.From(rows));
        var twice = ChinchillaFitter.Fit(FitPoints.From([.. rows, .. rows]));
        Assert.Equal(2 * once.Value, twice.Value, tolerance: 1e-12);
        Assert.Equal(once.Law.Alpha, twice.Law.Alpha, 1e-8);
    }

    [Fact]
    public void A_law_without_a_floor_is_found_on_the_bound()
    {
        var fit = ChinchillaFitter.Fit(PlantedRuns.Grid(PlantedRuns.Law with { E = 0 }, noise: 0.02, seed: 2), new ChinchillaFitOptions());
        var free = ChinchillaFitter.ValueOf(PlantedRuns.Law with { E = 0 }, PlantedRuns.Grid(PlantedRuns.Law with { E = 0 }, 0.02, 2), fit.Objective);
        Assert.True(fit.Law.E >= 0);
        Assert.True(fit.Value <= free);
        Assert.True(fit.Converged, fit.Reason.ToString());
    }

    [Fact]
    public void Held_parameters_keep_their_values_and_the_others_adapt()
    {
        var points = PlantedRuns.Grid(PlantedRuns.Law, noise: 0, seed: 1);
        foreach (string name in ChinchillaLaw.ParameterNames)
        {
            var held = new Dictionary<string, double> { [name] = PlantedRuns.Law.Parameter(name) };
            var fit = ChinchillaFitter.Fit(points, new ChinchillaFitOptions { Fixed = held });
            Assert.Equal(held[name], fit.Law.Parameter(name), tolerance: 1e-12 * held[name]);
            Assert.Equal(PlantedRuns.Law.Beta, fit.Law.Beta, 1e-6);
        }
    }

    [Fact]
    public void Four_distinct_points_are_refused_with_the_way_out()
    {
        var rows = PlantedRuns.Observations(PlantedRuns.Law, 0, 1, sizes: 2, lengths: 2);
        var error = Assert.Throws<UserErrorException>(() => ChinchillaFitter.Fit(FitPoints.From([.. rows, .. rows])));
        Assert.Contains("4 distinct (N, D) cannot determine 5", error.Message);
        Assert.Contains("--fix", error.Diagnostics[0].Help);
    }

    [Fact]
    public void A_missing_column_is_refused_naming_what_the_source_has()
    {
        var error = Assert.Throws<UserErrorException>(() => FitPoints.From(PlantedRuns.Observations(PlantedRuns.Law, 0, 1), ParameterCount.NonEmbedding));
        Assert.Equal("no column params_non_embedding", error.Message);
        Assert.Contains("the source has params_total, tokens, loss", error.Diagnostics[0].Help);
    }

    [Theory, InlineData(0.0), InlineData(-1.0), InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void A_loss_that_is_no_positive_number_is_refused(double loss)
    {
        Observation[] rows = [.. PlantedRuns.Observations(PlantedRuns.Law, 0, 1)];
        rows[3] = rows[3] with { Loss = loss };
        var error = Assert.Throws<UserErrorException>(() => FitPoints.From(rows));
        Assert.Contains("loss of observation 4", error.Message);
    }
}
