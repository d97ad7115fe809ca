using System.Text.Json;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;
using Xunit.Abstractions;

namespace ScalingLab.Laws.Tests.Reports;

public class FitDocumentTests(ITestOutputHelper output)
{
    private static readonly BootstrapOptions Bootstrap = new() { Resamples = 100 };

    [Fact]
    public void The_document_has_the_agreed_fields_and_survives_a_round_trip()
    {
        var document = FitDocuments.Parametric(PlantedRuns.Grid(PlantedRuns.Law, 0.01, 1), new ChinchillaFitOptions(), Bootstrap);
        var json = JsonDocument.Parse(document.ToJson()).RootElement;
        Assert.Equal("scalinglab.fit/1", json.GetProperty("schema").GetString());
        foreach (string name in new[] { "law", "approach", "observations", "objective", "parameters", "standardErrors", "intervals", "bootstrap", "solver", "optimum", "optima", "warnings", "seconds" })
            Assert.True(json.TryGetProperty(name, out _), name);
        AssertNames(json.GetProperty("objective"), "name", "delta", "reduction", "value");
        AssertNames(json.GetProperty("parameters"), "A", "B", "E", "alpha", "beta");
        AssertNames(json.GetProperty("standardErrors"), "A", "B", "E", "alpha", "beta");
        AssertNames(json.GetProperty("intervals"), "A", "B", "E", "alpha", "beta");
        AssertNames(json.GetProperty("bootstrap"), "kind", "resamples", "seed", "seconds");
        AssertNames(json.GetProperty("solver"), "reason", "starts", "startsAgreeing", "gradientNorm", "condition", "basins");
        AssertNames(json.GetProperty("optimum"), "exponentN", "exponentD", "exponentNInterval");
        AssertNames(json.GetProperty("optima")[0], "flops", "params", "tokens", "loss");
        Assert.Equal(document.ToJson(), FitDocument.FromJson(document.ToJson()).ToJson());
        Assert.True(document.Optimum.ExponentNInterval![0] < document.Optimum.ExponentN && document.Optimum.ExponentN < document.Optimum.ExponentNInterval[1]);
    }

    /// <summary>The negative control: losses that do not depend on N or D.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void Pure_noise_yields_warnings_and_no_confident_exponent(int seed)
    {
        var random = new RandomStream(seed, 0);
        Observation[] rows = [.. PlantedRuns.Observations(PlantedRuns.Law, 0, 1).Select(r => r with { Loss = 3 * Math.Exp(0.05 * random.NextNormal()) })];
        var document = FitDocuments.Parametric(FitPoints.From(rows), new ChinchillaFitOptions(), Bootstrap);
        output.WriteLine(string.Join("\n", document.Warnings));
        Assert.Contains(document.Warnings, w => w.Contains("there may be no law in these data"));
        if (document.Optimum.ExponentNInterval is { } interval)
            Assert.True(interval[1] - interval[0] > 0.4, $"[{interval[0]}, {interval[1]}]");
        else
            Assert.Empty(document.Optima);
    }

    [Theory]
    [InlineData("n", "all observations have one N")]
    [InlineData("d", "all observations have one D")]
    [InlineData("ratio", "D follows N in all observations")]
    [InlineData("band", "D/N spans only a factor of 2.5")]
    [InlineData("few", "only 6 distinct (N, D)")]
    public void Designs_that_cannot_determine_the_law_are_warned_of(string design, string warning)
    {
        var all = PlantedRuns.Observations(PlantedRuns.Law, 0.005, 1);
        Observation[] rows = design switch
        {
            "n" => [.. all.Where(r => r.ParametersTotal == 1e7)],
            "d" => [.. all.Where(r => r.Tokens == all[0].Tokens)],
            "band" => [.. from n in new[] { 1e7, 2e7, 4e7, 8e7 } from ratio in new[] { 10, 17.0, 25 } select new Observation { Run = "", ParametersTotal = n, Tokens = ratio * n, Loss = PlantedRuns.Law.Loss(n, ratio * n).Value }],
            "ratio" => [.. all.Where((_, i) => i % 9 == 0)],
            _ => [.. all.Where((_, i) => i % 11 == 0)],
        };
        var document = FitDocuments.Parametric(FitPoints.From(rows), new ChinchillaFitOptions(), Bootstrap);
        output.WriteLine(string.Join("\n", document.Warnings));
        Assert.Contains(document.Warnings, w => w.StartsWith(warning, StringComparison.Ordinal));
    }

    [Fact]
    public void A_good_fit_is_warned_of_extrapolation_only()
    {
        var document = FitDocuments.Parametric(PlantedRuns.Grid(PlantedRuns.Law, 0.003, 2), new ChinchillaFitOptions(), Bootstrap);
        Assert.All(document.Warnings, w => Assert.True(w.Contains("extrapolated") || w.Contains("outside the N or D"), w));
    }

    [Fact]
    public void Approach_2_without_profiles_is_refused_with_each_budgets_reason()
    {
        var rows = new[] { 1e18, 1e19 }.SelectMany(c => Enumerable.Range(0, 5).Select(i => (c, n: 1e8 * Math.Pow(2, i))))
            .Select(p => new Observation { Run = "", ParametersTotal = p.n, Tokens = p.c / (6 * p.n), Flops = p.c, Loss = 4 - 0.1 * Math.Log(p.n / 1e8) });
        var error = Assert.Throws<UserErrorException>(() => FitDocuments.IsoFlop(FitPoints.From([.. rows]), new IsoFlopOptions { Bootstrap = Bootstrap }));
        Assert.Contains("0 of 2", error.Message);
        Assert.Equal(3, error.Diagnostics.Count);
    }

    private static void AssertNames(JsonElement element, params string[] names)
    {
        foreach (string name in names)
            Assert.True(element.TryGetProperty(name, out _), name);
    }
}
