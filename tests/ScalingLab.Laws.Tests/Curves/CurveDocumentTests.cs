using System.Text.Json;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Backtests;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests.Curves;

public class CurveDocumentTests
{
    private static readonly Dictionary<string, double> None = [];

    [Fact]
    public void Kaplan_parameters_have_their_papers_names_and_intervals_that_hold_them()
    {
        var document = CurveDocuments.Build(Sizes(0.004), KaplanPower.OfParameters, Objective.Default, None, new BootstrapOptions { Resamples = 200 });
        var json = JsonDocument.Parse(document.ToJson()).RootElement;
        Assert.Equal("scalinglab.fit/1", json.GetProperty("schema").GetString());
        Assert.Equal("kaplan-n", json.GetProperty("law").GetString());
        Assert.True(json.GetProperty("parameters").TryGetProperty("Nc", out _));
        Assert.InRange(0.076, document.Intervals["alphaN"][0], document.Intervals["alphaN"][1]);
        Assert.Empty(document.Range.Tokens); // The source has no tokens, and the law does not need them.
        Assert.Equal(document.ToJson(), FitDocument.FromJson(document.ToJson()).ToJson());
    }

    [Fact]
    public void Threads_do_not_change_a_bootstrap()
    {
        var points = Sizes(0.01);
        var one = CurveDocuments.Build(points, KaplanPower.OfParameters, Objective.Default, None, new BootstrapOptions { Resamples = 40, Threads = 1 });
        var four = CurveDocuments.Build(points, KaplanPower.OfParameters, Objective.Default, None, new BootstrapOptions { Resamples = 40, Threads = 4 });
        Assert.Equal(one.Resamples!.Values, four.Resamples!.Values);
    }

    [Fact]
    public void Data_without_repetition_say_nothing_of_repetition()
    {
        var rows = PlantedRuns.Observations(PlantedRuns.Law, 0.005, 3).Select(r => r with { UniqueTokens = r.Tokens }).ToArray();
        var document = CurveDocuments.Build(FitPoints.From(rows), new DataConstrained(), Objective.Default,
            new Dictionary<string, double> { ["A"] = 480, ["B"] = 2100, ["E"] = 1.8, ["alpha"] = 0.35, ["beta"] = 0.37 }, new BootstrapOptions { Resamples = 0 });
        Assert.Contains(document.Warnings, w => w.Contains("no observation repeats its tokens"));
    }

    /// <summary>The runs were made by one law; the other has one parameter less and no floor. Both judges must see it.</summary>
    [Fact]
    public void The_law_that_made_the_runs_wins_by_criterion_and_by_foretelling()
    {
        var points = PlantedRuns.Grid(PlantedRuns.Law, 0.003, 4);
        CandidateLaw[] laws = [CandidateLaw.Of(new KaplanJoint(), Objective.Default), CandidateLaw.Chinchilla(new ChinchillaFitOptions())];
        var document = BacktestDocuments.Build(points, laws, Objective.Default);
        Assert.Equal("chinchilla", document.BestByAicc);
        Assert.Equal("chinchilla", document.BestByHeldOut);
        Assert.Equal(0, document.Laws[0].AiccDifference);
        Assert.True(document.Laws[1].AiccDifference > 10);
    }

    private static FitPoints Sizes(double noise)
    {
        var random = new RandomStream(5, 0);
        return FitPoints.From([.. Enumerable.Range(0, 24).Select(i => (double)(1e6 * Math.Pow(1.5, i)))
            .Select(n => new Observation { Run = $"{n}", ParametersTotal = n, Loss = Math.Pow(8.8e13 / n, 0.076) * Math.Exp(noise * random.NextNormal()) })], needed: Inputs.Parameters);
    }
}
