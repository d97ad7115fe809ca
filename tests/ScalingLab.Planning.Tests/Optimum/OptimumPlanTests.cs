using System.Text.Json.Nodes;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Units;
using ScalingLab.Laws;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;
using ScalingLab.Planning.Optimum;

namespace ScalingLab.Planning.Tests.Optimum;

public class OptimumPlanTests
{
    /// <summary>Besiroglu et al. 2024, arXiv:2404.10102, compare these three readings at Gopher's budget.</summary>
    [Theory]
    [InlineData("hoffmann2022-rounded", 93, 0.5)]
    [InlineData("hoffmann2022", 59, 0.5)]
    [InlineData("besiroglu2024", 19, 1)] // 18.4 by the refit's unrounded constants
    public void Published_laws_differ_in_tokens_a_parameter(string law, double expected, double tolerance)
    {
        var plan = OptimumPlan.For(PlanningLaw.Load(law), new Flops(5.76e23));
        Assert.Equal(expected, plan.TokensPerParam, tolerance);
        Assert.Equal(5.76e23, 6 * plan.Params * plan.Tokens, tolerance: 1e9 * 5.76e23 * 1e-18);
        Assert.Null(plan.Bands);
        Assert.Contains(plan.Warnings, w => w.Contains("extrapolated"));
    }

    [Fact]
    public void Within_the_fitted_runs_nothing_is_called_extrapolated()
    {
        var plan = OptimumPlan.For(PlanningLaw.Load("besiroglu2024"), new Flops(1e21));
        Assert.DoesNotContain(plan.Warnings, w => w.Contains("extrapolated"));
    }

    [Fact]
    public void A_fit_written_to_a_file_plans_with_bands_that_hold_its_optimum()
    {
        var law = new ChinchillaLaw(1.8, 480, 2100, 0.35, 0.37);
        FitDocument document = FitOf(law);
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, document.ToJson());
            var plan = OptimumPlan.For(PlanningLaw.Load(path), new Flops(1e21));
            var best = law.ComputeOptimal(new Flops(1e21));
            Assert.NotNull(plan.Bands);
            Assert.InRange(plan.Params, plan.Bands.Params[0], plan.Bands.Params[1]);
            Assert.InRange(best.Parameters, plan.Bands.Params[0], plan.Bands.Params[1]);
            Assert.InRange(plan.Loss!.Value, plan.Bands.Loss![0], plan.Bands.Loss[1]);
            Assert.Contains(plan.Warnings, w => w.Contains("N is 1.2 times the largest in the fitted runs"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("besiroglu", "did you mean 'besiroglu2024'?")]
    [InlineData("hofmann2022", "did you mean 'hoffmann2022'?")]
    public void An_unknown_law_is_refused_with_the_nearest_name(string name, string help)
    {
        var error = Assert.Throws<UserErrorException>(() => PlanningLaw.Load(name));
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.Equal(help, error.Diagnostics[0].Help);
    }

    [Theory, InlineData("{}"), InlineData("[]"), InlineData("not json"), InlineData("null"), InlineData("{\"schema\":\"scalinglab.fit/9\"}")]
    public void A_file_that_is_no_fit_is_refused_as_corrupt(string text)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            Assert.Equal(ExitCode.CorruptData, Assert.Throws<UserErrorException>(() => PlanningLaw.Load(path)).ExitCode);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("range.params", "[1e7]", "range.params and range.tokens are not pairs of numbers")]
    [InlineData("approach", "\"isoflop\"", "the parameters coefficientN, exponentN, coefficientD, exponentD are not all there")]
    [InlineData("law", "\"kaplan-nd\"", "the law kaplan-nd gives no split between N and D")]
    [InlineData("parameters", "{\"E\": 1.8}", "the parameters A, B, E, alpha and beta are not all there")]
    public void A_fit_that_lacks_what_a_plan_needs_is_refused_as_corrupt(string member, string value, string message)
    {
        JsonNode json = JsonNode.Parse(FitOf(new ChinchillaLaw(1.8, 480, 2100, 0.35, 0.37)).ToJson())!;
        string[] parts = member.Split('.');
        (parts.Length == 1 ? json : json[parts[0]]!)[parts[^1]] = JsonNode.Parse(value);
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, json.ToJsonString());
            var error = Assert.Throws<UserErrorException>(() => PlanningLaw.Load(path));
            Assert.Equal(ExitCode.CorruptData, error.ExitCode);
            Assert.Equal($"{path}: {message}", error.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_with_nothing_but_parameters_is_a_law_of_ones_own()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, """{"parameters": {"A": 406.4, "B": 410.7, "E": 1.69, "alpha": 0.34, "beta": 0.28}}""");
            var plan = OptimumPlan.For(PlanningLaw.Load(path), new Flops(5.76e23));
            Assert.Equal(OptimumPlan.For(PlanningLaw.Load("hoffmann2022-rounded"), new Flops(5.76e23)).Params, plan.Params);
            Assert.Contains(plan.Warnings, w => w.Contains("whether this extrapolates is unknown"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static FitDocument FitOf(ChinchillaLaw law)
    {
        var random = new RandomStream(1, 0);
        var rows = from i in Enumerable.Range(0, 7)
                   from j in Enumerable.Range(0, 7)
                   let n = Math.Pow(10, 7 + 0.4 * i)
                   let d = Math.Pow(10, 8.5 + 0.4 * j)
                   select (n, d);
        Observation[] runs = [.. rows.Select(r => new Observation { Run = $"{r}", ParametersTotal = r.n, Tokens = r.d, Loss = law.Loss(r.n, r.d).Value * Math.Exp(0.003 * random.NextNormal()) })];
        return FitDocuments.Parametric(FitPoints.From(runs), new ChinchillaFitOptions(), new BootstrapOptions { Resamples = 100 });
    }
}
