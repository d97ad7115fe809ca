using ScalingLab.Core.Runs;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests.Fitting;

public class WeightTests
{
    public static readonly TheoryData<string> Objectives = ["log-huber:1e-3", "log-mse", "mse", "huber:0.01", "log-l1", "asymmetric:10"];

    private static readonly Dictionary<string, double> None = [];

    [Theory, MemberData(nameof(Objectives))]
    public void Equal_weights_are_no_weights_to_the_last_bit(string objective)
    {
        var rows = PlantedRuns.Observations(PlantedRuns.Law, 0.01, 3);
        var options = new ChinchillaFitOptions { Objective = Objective.Parse(objective) };
        FitPoints plain = FitPoints.From(rows), weighted = FitPoints.From([.. rows.Select(r => r with { Weight = 0.3 })]);
        Assert.Equal(ChinchillaFitter.Fit(plain, options).Law, ChinchillaFitter.Fit(weighted, options).Law);
        var (a, b) = (new CurveFitter(new KaplanJoint(), plain, options.Objective).Fit(), new CurveFitter(new KaplanJoint(), weighted, options.Objective).Fit());
        Assert.Equal(a.Parameters, b.Parameters);
        Assert.Equal(a.Value, b.Value);
    }

    [Theory, MemberData(nameof(Objectives))]
    public void A_weight_of_three_is_a_row_three_times(string objective)
    {
        var rows = PlantedRuns.Observations(PlantedRuns.Law, 0.01, 4, 6, 6);
        var options = new ChinchillaFitOptions { Objective = Objective.Parse(objective) };
        Observation[] repeated = [.. rows.SelectMany((r, i) => Enumerable.Repeat(r, i % 2 == 0 ? 3 : 1))];
        FitPoints thrice = FitPoints.From(repeated), weighted = FitPoints.From([.. rows.Select((r, i) => r with { Weight = i % 2 == 0 ? 3 : 1 })]);
        var (a, b) = (ChinchillaFitter.Fit(thrice, options), ChinchillaFitter.Fit(weighted, options));
        double scale = options.Objective.Reduction == "mean" ? 1 : 2; // 72 rows of weight 1 against 36 of mean weight 1.
        Assert.Equal(a.Value, b.Value * scale, tolerance: 1e-6 * a.Value);
        Assert.Equal(a.Law.Alpha, b.Law.Alpha, tolerance: 1e-4);
        var (c, d) = (new CurveFitter(new ChinchillaTied(), thrice, options.Objective).Fit(), new CurveFitter(new ChinchillaTied(), weighted, options.Objective).Fit());
        Assert.Equal(c.Value, d.Value * scale, tolerance: 1e-6 * c.Value);
        Assert.True(Math.Abs(ChinchillaFitter.Fit(FitPoints.From(rows), options).Value - b.Value) > 1e-4 * b.Value); // The weights matter.
    }

    [Fact]
    public void A_standard_deviation_weighs_by_the_inverse_variance_on_the_scale_of_the_residuals()
    {
        Observation[] rows = [new() { Run = "a", ParametersTotal = 1, Tokens = 1, Loss = 2, LossSd = 0.1 }, new() { Run = "b", ParametersTotal = 2, Tokens = 2, Loss = 4, LossSd = 0.2 }];
        var points = FitPoints.From(rows);
        Assert.Equal([1.6, 0.4], points.Weights(ResidualScale.Raw).Select(w => Math.Round(w, 12)));
        Assert.Equal([1, 1], points.Weights(ResidualScale.Log).Select(w => Math.Round(w, 12))); // 5 % both.
        Assert.Equal("loss_sd", points.WeightColumn);
    }

    /// <summary>A tenth of the runs have thirty times the noise; with their standard deviations given, the exponent errs far less over 20 draws.</summary>
    [Fact]
    public void Known_noise_makes_a_better_fit()
    {
        double plain = 0, weighted = 0;
        var options = new ChinchillaFitOptions { Objective = Objective.Parse("log-mse") };
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new RandomStream(seed, 1);
            Observation[] rows = [.. PlantedRuns.Observations(PlantedRuns.Law, 0, 1, 6, 6).Select((r, i) => (Row: r, Sd: i % 10 == 0 ? 0.06 : 0.002))
                .Select(p => p.Row with { Loss = p.Row.Loss * Math.Exp(p.Sd * random.NextNormal()), LossSd = p.Sd * p.Row.Loss })];
            double Error(Observation[] of) => Math.Pow(ChinchillaFitter.Fit(FitPoints.From(of), options).Law.ExponentN - PlantedRuns.Law.ExponentN, 2);
            plain += Error([.. rows.Select(r => r with { LossSd = null })]);
            weighted += Error(rows);
        }
        Assert.True(weighted * 10 < plain, $"{weighted} {plain}");
    }

    [Fact]
    public void The_document_names_the_weights_and_warns_when_few_decide()
    {
        Observation[] rows = [.. PlantedRuns.Observations(PlantedRuns.Law, 0.01, 3).Select((r, i) => r with { Weight = i < 10 ? 1000 : 1 })];
        var document = FitDocuments.Parametric(FitPoints.From(rows), new ChinchillaFitOptions(), new BootstrapOptions { Resamples = 0 });
        Assert.Equal(("weight", "mean 1"), (document.Objective.Weights!.Column, document.Objective.Weights.Normalisation));
        Assert.InRange(document.Objective.Weights.EffectiveObservations, 10, 11);
        Assert.Contains(document.Warnings, w => w.Contains("effective observations of 64"));
        Assert.Null(FitDocuments.Parametric(PlantedRuns.Grid(PlantedRuns.Law, 0.01, 3), new ChinchillaFitOptions(), new BootstrapOptions { Resamples = 0 }).Objective.Weights);
    }

    [Fact]
    public void Weighted_likelihoods_shift_by_the_weights_alone_for_squares()
    {
        var objective = Objective.Parse("mse");
        double[] weights = [0.5, 1.5, 1];
        double shift = weights.Sum(w => Math.Log(w)) / 2; // Each normal density has the variance s/w.
        Assert.Equal(Likelihood.Log(objective, 0.3, 3) + shift, Likelihood.Log(objective, 0.3, 3, weights), 1e-9);
    }

    /// <summary>Fifteen published weighted fits stood at their start unnoticed; a law without slope does so here.</summary>
    [Fact]
    public void A_fit_that_did_not_move_says_so()
    {
        var points = PlantedRuns.Grid(PlantedRuns.Law, 0.01, 3);
        var document = CurveDocuments.Build(points, new Unmoved(), Objective.Default, None, new BootstrapOptions { Resamples = 0 });
        Assert.Contains(document.Warnings, w => w.StartsWith("no start moved", StringComparison.Ordinal));
        Assert.DoesNotContain(CurveDocuments.Build(points, new KaplanJoint(), Objective.Default, None, new BootstrapOptions { Resamples = 0 }).Warnings, w => w.StartsWith("no start moved", StringComparison.Ordinal));
    }

    private sealed record Unmoved() : LossCurve("unmoved", "L = 3", "", Inputs.Parameters, [CurveParameter.Scale("a")])
    {
        public override Jet LogLoss(in Setting at, ReadOnlySpan<Jet> x) => Math.Log(3) + 0 * x[0];

        public override IEnumerable<double[]> Starts(FitPoints points) => [[1], [2]];
    }
}
