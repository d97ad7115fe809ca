using ScalingLab.Core.Runs;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests.Curves;

public class IdentifiabilityTests
{
    private static readonly Dictionary<string, double> None = [];
    private static readonly BootstrapOptions Few = new() { Resamples = 10 };

    /// <summary>Losses that nothing explains: every law must say so, whatever numbers it prints.</summary>
    [Theory, InlineData("chinchilla-tied"), InlineData("kaplan-n"), InlineData("kaplan-nd"), InlineData("kaplan-ns"), InlineData("overtraining"), InlineData("power"), InlineData("sum")]
    public void Noise_gives_no_confident_law(string name)
    {
        for (int seed = 0; seed < 2; seed++)
            Assert.Contains(CurveDocuments.Build(Noise(seed), CurveLaws.Find(name, Inputs.Flops, ["params", "tokens"])!, Objective.Default, None, Few).Warnings, w => w.Contains("there may be no law"));
    }

    [Fact]
    public void Noise_gives_Chinchillas_law_no_confidence_either()
    {
        for (int seed = 0; seed < 5; seed++)
            Assert.Contains(FitDocuments.Parametric(Noise(seed), new ChinchillaFitOptions(), Few).Warnings, w => w.Contains("there may be no law"));
    }

    [Fact]
    public void One_token_count_for_all_is_named_with_what_to_do()
    {
        Observation[] rows = [.. PlantedRuns.Observations(PlantedRuns.Law, 0.003, 2).Select(r => r with { Tokens = 1e10, Loss = PlantedRuns.Law.Loss(r.ParametersTotal!.Value, 1e10).Value })];
        Assert.Contains(CurveDocuments.Build(FitPoints.From(rows), new KaplanJoint(), Objective.Default, None, Few).Warnings, w => w.Contains("all observations have one D"));
        rows = [.. rows.Select(r => r with { Tokens = 20 * r.ParametersTotal })];
        Assert.Contains(CurveDocuments.Build(FitPoints.From(rows), new ChinchillaTied(), Objective.Default, None, Few).Warnings, w => w.Contains("D follows N in all observations"));
    }

    [Fact]
    public void A_break_is_believed_only_where_the_data_show_it()
    {
        double[] planted = [0.5, 50, 0.05, 0.25, 1e9, 0.4];
        string[] shown = Break(planted, 1e6, 1e12), before = Break(planted, 1e3, 1e6), sharp = Break([0.5, 50, 0.05, 0.25, 1.3e9, 0.01], 1e6, 1e12), none = Break([0.5, 50, 0.2, 0, 1e9, 0.4], 1e6, 1e12);
        Assert.DoesNotContain(shown, w => w.Contains("break") || w.Contains("passage"));
        Assert.Contains(before, w => w.Contains("lies outside the data") || w.Contains("hardly determined") || w.Contains("without a break"));
        Assert.Contains(sharp, w => w.Contains("sharpness f1 and exact place d1 are undetermined"));
        Assert.Contains(none, w => w.Contains("by AICc E + A/X^alpha without a break is better"));
    }

    [Fact]
    public void A_tie_is_judged_against_the_free_exponents()
    {
        ComparisonDocument Judge(ChinchillaLaw law, int seed = 1) => CurveDocuments.Build(PlantedRuns.Grid(law, 0.003, seed), new ChinchillaTied(), Objective.Parse("log-mse"), None, new BootstrapOptions { Resamples = 0 }).Comparison!;
        var equal = Enumerable.Range(1, 60).Select(seed => Judge(new ChinchillaLaw(1.8, 480, 2100, 0.36, 0.36), seed)).ToArray();
        var unequal = Judge(new ChinchillaLaw(1.8, 480, 2100, 0.25, 0.5));
        Assert.InRange(equal.Count(c => c.PValue < 0.1), 1, 14); // 6 expected, standard deviation 2.3.
        Assert.True(unequal.PValue < 1e-3 && unequal.AiccDifference < -5, $"{unequal}");
        Assert.Equal(("chinchilla", 1), (unequal.Law, unequal.FreeParametersMore));
    }

    /// <summary>Besiroglu et al.'s 240 runs: the likelihood ratio from the two converged refits, by hand under log-L1's Laplace density.</summary>
    [PublishedFact]
    public void The_ratio_is_that_of_the_two_likelihoods()
    {
        var points = PublishedData.Points("chinchilla-epoch/runs.csv", inFitOnly: true);
        var document = CurveDocuments.Build(points, new ChinchillaTied(), Objective.Parse("log-l1"), None, new BootstrapOptions { Resamples = 0 });
        double free = PublishedData.Expected("chinchilla-epoch").GetProperty("refit").GetProperty("log_L1").GetProperty("objective").GetDouble();
        Assert.Equal(2 * 240 * Math.Log(document.Objective.Value / free), document.Comparison!.LikelihoodRatio!.Value, 1e-3); // max over s of −n ln 2s − V/s is −n ln(2eV/n).
    }

    private static FitPoints Noise(int seed)
    {
        var random = new RandomStream(seed, 3);
        return FitPoints.From([.. PlantedRuns.Observations(PlantedRuns.Law, 0, 1).Select((r, i) => r with { Loss = 3 * Math.Exp(0.1 * random.NextNormal()), Steps = r.Tokens / (65536 << 2 * (i % 3)), BatchTokens = 65536 << 2 * (i % 3) })]) is var points
            ? points.With([.. Enumerable.Range(0, points.Count).Select(i => new[] { points.Parameters[i], points.Tokens[i] })]) : points;
    }

    private static string[] Break(double[] parameters, double low, double high)
    {
        var law = new BrokenPower(Inputs.Tokens);
        var random = new RandomStream(8, 0);
        Observation[] rows = [.. Enumerable.Range(0, 30).Select(i => low * Math.Pow(high / low, i / 29.0)).Select(d => new Observation { Run = "", Tokens = d, Loss = law.Loss(new Setting(0, d, 0, 0), parameters) * Math.Exp(0.002 * random.NextNormal()) })];
        return [.. CurveDocuments.Build(FitPoints.From(rows, needed: Inputs.Tokens), law, Objective.Parse("log-mse"), None, new BootstrapOptions { Resamples = 0 }).Warnings];
    }
}
