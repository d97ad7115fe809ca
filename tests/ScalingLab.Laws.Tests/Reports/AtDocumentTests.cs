using System.Text.Json;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests.Reports;

public class AtDocumentTests
{
    private static readonly BootstrapOptions Bootstrap = new() { Resamples = 200 };
    private static readonly FitPoints Points = PlantedRuns.Grid(PlantedRuns.Law, 0.01, 1);

    [Fact]
    public void A_budget_has_its_optimum_and_the_same_intervals_as_the_table_of_optima()
    {
        var document = Fit(new AtPoint(Flops: 1e22));
        var at = document.At![0];
        var row = document.Optima.Single(o => o.Flops == 1e22);
        Assert.True(at.Optimal);
        Assert.Equal((row.Params, row.Tokens, row.Loss), (at.Params!.Value, at.Tokens!.Value, at.Loss));
        Assert.Equal(row.ParamsInterval, at.ParamsInterval);
        Assert.Equal(row.LossInterval, at.LossInterval);
        Assert.InRange(at.TokensPerParam!.Value, at.TokensPerParamInterval![0], at.TokensPerParamInterval[1]);
        Assert.Equal(row.Extrapolation, at.Outside.Flops);
    }

    /// <summary>Noise of 1 % and a law known to a fraction of that: the interval of a new run is about ±1.96 % wide, that of the mean much narrower.</summary>
    [Fact]
    public void A_new_run_is_less_certain_than_the_mean_by_the_noise_of_a_run()
    {
        var at = Fit(new AtPoint(Params: 3e8, Tokens: 1e10)).At![0];
        Assert.False(at.Optimal);
        Assert.Null(at.ParamsInterval);
        Assert.Equal(new OutsideDocument(1, 1, 1), at.Outside);
        Assert.True(at.PredictionInterval![0] < at.LossInterval![0] && at.PredictionInterval[1] > at.LossInterval[1]);
        Assert.InRange(Math.Log(at.PredictionInterval[1] / at.PredictionInterval[0]), 0.032, 0.048); // 2·1.96·.01 = .0392; 64 residuals give their 95 % range to some 15 %.
        Assert.InRange(Math.Log(at.LossInterval[1] / at.LossInterval[0]), 0.001, 0.02);
    }

    [Theory, InlineData(1.2e20, 2e9, null), InlineData(1.2e20, null, 1e10)]
    public void Compute_with_one_of_the_two_gives_the_other(double flops, double? parameters, double? tokens)
    {
        var at = Fit(new AtPoint(flops, parameters, tokens)).At![0];
        Assert.Equal((2e9, 1e10), (at.Params!.Value, at.Tokens!.Value));
    }

    [Fact]
    public void Points_outside_the_data_are_warned_of_by_factor()
    {
        var document = Fit(new AtPoint(Params: Points.Parameters.Max() * 4, Tokens: Points.Tokens.Min() / 2));
        Assert.Equal(4, document.At![0].Outside.Params!.Value, 1e-9);
        Assert.Equal(0.5, document.At![0].Outside.Tokens!.Value, 1e-9);
        Assert.Contains(document.Warnings, w => w.Contains("N is 4 times the largest of the data, D is 2 times below the least of the data"));
    }

    [Fact]
    public void Profiles_stand_in_the_document_with_open_ends_as_null_and_survive_a_round_trip()
    {
        var oneSize = PlantedRuns.Observations(PlantedRuns.Law, 0.005, 1).Where(r => r.ParametersTotal < 1.1e7).ToArray();
        var document = FitDocuments.Parametric(FitPoints.From(oneSize), new ChinchillaFitOptions(), Bootstrap, 0.9, new IntervalRequest { Profile = ProfileCriterion.Robust, At = [new AtPoint(Params: 1e7, Tokens: 1e10)] });
        var json = JsonDocument.Parse(document.ToJson()).RootElement;
        var alpha = json.GetProperty("profile").GetProperty("alpha");
        Assert.Equal(JsonValueKind.Null, alpha.GetProperty("interval")[1].ValueKind);
        Assert.StartsWith("flat above", alpha.GetProperty("highReason").GetString());
        Assert.True(json.GetProperty("at")[0].GetProperty("profile").GetProperty("loss").GetProperty("interval")[0].GetDouble() > 0);
        Assert.Equal(document.ToJson(), FitDocument.FromJson(document.ToJson()).ToJson());
        Assert.Contains(document.Warnings, w => w.StartsWith("the likelihood of ", StringComparison.Ordinal) && w.Contains("alpha"));
    }

    [Theory]
    [InlineData(null, 1e9, null, "neither a budget nor a model with its tokens")]
    [InlineData(1e20, 1e9, 1e10, "the third follows")]
    public void What_does_not_name_a_point_is_refused(double? flops, double? parameters, double? tokens, string message) =>
        Assert.Contains(message, Assert.Throws<UserErrorException>(() => Fit(new AtPoint(flops, parameters, tokens))).Message);

    [Fact]
    public void A_curve_is_asked_for_what_it_reads()
    {
        var request = new IntervalRequest { At = [new AtPoint(Params: 1e9)], Profile = ProfileCriterion.Robust };
        var document = CurveDocuments.Build(Points, KaplanPower.OfParameters, Objective.Default, new Dictionary<string, double>(), Bootstrap, 0.9, request);
        Assert.Equal(Math.Pow(document.Parameters["Nc"] / 1e9, document.Parameters["alphaN"]), document.At![0].Loss, 1e-9);
        Assert.InRange(document.At[0].Loss, document.At[0].LossInterval![0], document.At[0].LossInterval![1]);
        Assert.NotNull(document.Profile!["Nc"].Interval[0]);
        var error = Assert.Throws<UserErrorException>(() => CurveDocuments.Build(Points, new KaplanJoint(), Objective.Default, new Dictionary<string, double>(), Bootstrap, 0.9, request));
        Assert.Contains("lacks tokens=, which kaplan-nd reads", error.Message);
    }

    private static FitDocument Fit(AtPoint at) => FitDocuments.Parametric(Points, new ChinchillaFitOptions(), Bootstrap, request: new IntervalRequest { At = [at] });
}
