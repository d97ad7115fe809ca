using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Conventions;
using ScalingLab.Laws.Design;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;
using ScalingLab.Laws.Tests.Envelope;
using Xunit.Abstractions;

namespace ScalingLab.Laws.Tests.Design;

public class NextRunsTests(ITestOutputHelper output)
{
    private const double Noise = 0.005;
    private static readonly ChinchillaFitOptions Squares = new() { Objective = Objective.Parse("log-mse") };

    /// <summary>
    /// 36 runs of a planted law are chosen for once, then made 150 times with and without nine more runs. The realised spread must shrink by what was
    /// foretold, within 15 % (150 sets give a standard deviation to 6 %), and by more than after nine runs on an even grid of the same cost.
    /// </summary>
    [Theory, InlineData("N@1e24"), InlineData("loss@1e24")]
    public void Chosen_runs_shrink_the_spread_as_foretold_and_more_than_an_even_grid(string name)
    {
        var quantity = DesignQuantity.Parse(name);
        var points = FitPoints.From(Present(1));
        var model = Model(points, quantity);
        var bounds = CandidateBounds.Of(points, 2);
        var cost = CostLaw.Of(points);
        var choice = RunChooser.Choose(model, CandidateGrid.Of(bounds, cost), 0.3 * points.Flops.Sum(), 9);
        var grid = CandidateGrid.Uniform(bounds, cost, choice.Flops, 9);
        Assert.True(grid.Sum(r => r.Flops) > 0.99 * choice.Flops);

        double now = Spread(quantity, []), chosen = Spread(quantity, choice.Runs) / now, even = Spread(quantity, grid) / now, foretold = choice.StandardError / model.StandardError(model.Present);
        output.WriteLine($"{name}: foretold {foretold:0.000}, realised {chosen:0.000}, even grid {even:0.000}");
        Assert.InRange(chosen / foretold, 0.85, 1.15);
        Assert.True(chosen < 0.9 * even);
    }

    /// <summary>Against brute force over all pairs of a coarse list.</summary>
    [Fact]
    public void No_other_pair_of_candidates_within_the_budget_is_better()
    {
        var points = FitPoints.From(Present(1));
        var model = Model(points, DesignQuantity.Parse("exponentN"));
        var candidates = CandidateGrid.Of(CandidateBounds.Of(points, 2), CostLaw.Of(points)).Where((_, i) => i % 7 == 0).ToArray();
        double budget = 0.05 * points.Flops.Sum();
        var choice = RunChooser.Choose(model, candidates, budget, 2);
        Assert.True(choice.Flops <= budget);
        double least = (from a in candidates from b in candidates where a.Flops + b.Flops <= budget select After(model, a, b)).Min();
        Assert.InRange(choice.StandardError, least * (1 - 1e-9), least * 1.002);
    }

    [Fact]
    public void The_same_runs_again_halve_the_variance()
    {
        var points = FitPoints.From(Present(1));
        var model = Model(points, DesignQuantity.Parse("loss@1e24"));
        var sum = model.Present.Copy();
        for (int i = 0; i < points.Count; i++)
            model.Add(sum, 1, [(points.Parameters[i], points.Tokens[i])]);
        Assert.Equal(1 / Math.Sqrt(2), model.StandardError(sum) / model.StandardError(model.Present), 1e-3); // But for the weak prior.
    }

    /// <summary>Fully shared errors: a second look at the same run tells nothing of the level, and independent ones do.</summary>
    [Fact]
    public void Observations_of_one_run_count_for_less_than_runs_of_their_own()
    {
        var points = FitPoints.From(Present(1));
        var fit = ChinchillaFitter.Fit(points, Squares);
        var quantity = DesignQuantity.Parse("E");
        var shared = new DesignModel(points, fit, [], new ResidualNoise(Noise, 0.95, false), quantity);
        var single = new DesignModel(points, fit, [], new ResidualNoise(Noise, 0, false), quantity);
        (double N, double D)[] twice = [(6e9, 2e11), (6e9, 2e11)];
        Assert.True(After(shared, twice) > After(single, twice));
        Assert.Equal(After(single, twice), After(single, [twice[0]], [twice[1]]), 1e-12);
    }

    /// <summary>Noise of 0.5 %: the efficient σ of squares is that, and of absolute values σ·√(π/2).</summary>
    [Theory, InlineData("log-mse", 1.0), InlineData("log-l1", 1.2533)]
    public void The_noise_is_that_which_the_estimator_feels(string objective, double times)
    {
        var options = new ChinchillaFitOptions { Objective = Objective.Parse(objective) };
        double mean = Enumerable.Range(1, 12).Average(seed =>
        {
            var points = PlantedRuns.Grid(PlantedRuns.Law, Noise, seed, 12, 12);
            return ResidualNoise.Of(points, ChinchillaFitter.Fit(points, options), 5).Sd;
        });
        Assert.Equal(times * Noise, mean, 0.1 * times * Noise);
    }

    [Fact]
    public void Errors_that_runs_share_are_found()
    {
        var random = new RandomStream(9, 0);
        var rows = TrunkRuns.Rows(PlantedRuns.Law, 30).GroupBy(r => r.Run).SelectMany(g =>
        {
            double common = 0.004 * random.NextNormal();
            return g.Select(r => r with { Loss = r.Loss * Math.Exp(common + 0.004 * random.NextNormal()) }).ToArray();
        }).ToArray();
        var points = FitPoints.From(rows);
        Assert.InRange(ResidualNoise.Of(points, ChinchillaFitter.Fit(points, Squares), 5).Shared, 0.25, 0.7); // Planted: a half.
    }

    [Fact]
    public void The_document_is_consistent_and_does_not_depend_on_threads_or_the_order_of_rows()
    {
        var rows = TrunkRuns.Rows(PlantedRuns.Law, 10, noise: 0.004);
        var options = new NextOptions { Quantity = DesignQuantity.Parse("N@1e23"), MostRuns = 3, Resamples = 60 };
        var document = NextDocuments.Build(FitPoints.From(rows), options);
        Assert.InRange(document.Runs.Count, 1, 3);
        Assert.True(document.Chosen.Flops <= document.BudgetFlops * (1 + 1e-9));
        Assert.Equal(document.Chosen.StandardError, document.StandardErrorNow * document.Chosen.Shrinkage, 1e-12);
        Assert.True(document.Chosen.Shrinkage < 1 && document.IntervalAfter[1] / document.IntervalAfter[0] < document.IntervalNow[1] / document.IntervalNow[0]);
        Assert.True(document.Frontier.Zip(document.Frontier.Skip(1), (a, b) => a.Flops <= b.Flops && a.StandardError >= b.StandardError).All(v => v));
        Assert.All(document.Runs, r => Assert.Equal(r.Tokens, r.ObserveAtTokens[^1]));
        Assert.Contains(document.Runs, r => r.ObserveAtTokens.Count > 1); // Trunks, as in the data.
        var reversed = NextDocuments.Build(FitPoints.From([.. Enumerable.Reverse(rows)]), options with { Resamples = 0 });
        var forward = NextDocuments.Build(FitPoints.From(rows), options with { Resamples = 0 });
        Assert.Equal(forward.Chosen.StandardError, reversed.Chosen.StandardError, 1e-6 * forward.Chosen.StandardError);
        Assert.Contains("\"schema\": \"scalinglab.next/1\"", document.ToJson());
    }

    [Theory]
    [InlineData("exponent", "did you mean")]
    [InlineData("N", "N@1e21")]
    [InlineData("N@x", "not a number")]
    [InlineData("alpha@1e21", "not known at a budget")]
    public void Unknown_quantities_are_refused_with_the_nearest(string text, string expected)
    {
        var error = Assert.Throws<UserErrorException>(() => DesignQuantity.Parse(text));
        Assert.Contains(expected, error.Diagnostics[0].Message + error.Diagnostics[0].Help);
    }

    [Fact]
    public void What_cannot_be_learnt_is_refused()
    {
        var points = FitPoints.From(Present(1));
        Assert.Contains("budget is", Refused(points, new NextOptions { Quantity = DesignQuantity.Parse("alpha"), BudgetFlops = 1 }));
        Assert.Contains("within the bounds", Refused(points, new NextOptions { Quantity = DesignQuantity.Parse("alpha"), TokensPerParameter = (1e9, 1e10) }));
        Assert.Contains("no noise", Refused(PlantedRuns.Grid(PlantedRuns.Law, 0, 1), new NextOptions { Quantity = DesignQuantity.Parse("alpha") }));
        Assert.Contains("no parameter that is free", Refused(points, new NextOptions { Quantity = DesignQuantity.Parse("alpha"), Fit = new ChinchillaFitOptions { Fixed = new Dictionary<string, double> { ["alpha"] = 0.35 } } }));
        // One size: A and alpha have no hold, and the quantity none either.
        var one = FitPoints.From([.. Present(1).Where(r => r.Run.StartsWith("n2", StringComparison.Ordinal))]);
        var outcome = Record.Exception(() => NextDocuments.Build(one, new NextOptions { Quantity = DesignQuantity.Parse("exponentN"), Resamples = 20 }));
        Assert.True(outcome is null or UserErrorException, outcome?.ToString());
    }

    private static string Refused(FitPoints points, NextOptions options) => Assert.Throws<UserErrorException>(() => NextDocuments.Build(points, options with { Resamples = 0 })).Diagnostics[0].Message;

    private static List<Observation> Present(int seed) => PlantedRuns.Observations(PlantedRuns.Law, Noise, seed, 6, 6);

    private static DesignModel Model(FitPoints points, DesignQuantity quantity)
    {
        var fit = ChinchillaFitter.Fit(points, Squares);
        return new DesignModel(points, fit, [], ResidualNoise.Of(points, fit, 5), quantity);
    }

    private static double After(DesignModel model, params CandidateRun[] runs) => After(model, [.. runs.Select(r => r.Tokens.Select(d => (r.Parameters, d)).ToArray())]);

    private static double After(DesignModel model, params (double, double)[][] clusters)
    {
        var sum = model.Present.Copy();
        foreach (var cluster in clusters)
            model.Add(sum, 1, cluster);
        return model.StandardError(sum);
    }

    // Standard deviation of the quantity over fits to the present runs and some more, made anew each time.
    private static double Spread(DesignQuantity quantity, IReadOnlyList<CandidateRun> more)
    {
        var values = new double[150];
        Parallel.For(0, values.Length, set =>
        {
            var rows = Present(set + 1);
            var random = new RandomStream(set + 1, 77);
            foreach (var run in more)
                rows.Add(new Observation { Run = $"more {rows.Count}", ParametersTotal = run.Parameters, Tokens = run.Tokens[^1], Loss = PlantedRuns.Law.Loss(run.Parameters, run.Tokens[^1]).Value * Math.Exp(Noise * random.NextNormal()) });
            values[set] = quantity.Value(ChinchillaFitter.Fit(FitPoints.From(rows), Squares).Law, 6);
        });
        return MathNet.Numerics.Statistics.Statistics.StandardDeviation(values);
    }
}
