using ScalingLab.Core.Runs;
using ScalingLab.Core.Units;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;
using Xunit.Abstractions;

namespace ScalingLab.Laws.Tests.IsoFlop;

public class IsoFlopFitterTests(ITestOutputHelper output)
{
    private static readonly BootstrapOptions None = new() { Resamples = 0 };

    /// <summary>Porian et al. 2024, arXiv:2406.19146: exponents with the paper's method, from an independent implementation on SciPy.</summary>
    [PublishedTheory]
    [InlineData("porian-rw-tuned-short-const-standard-val")]
    [InlineData("porian-rw-base-long-kaplan-kaplan-train")]
    public void Akima_optima_give_the_published_exponent(string folder)
    {
        var points = PublishedData.Points(folder + "/isoflop_points.csv");
        var fit = IsoFlopFitter.Fit(points, new IsoFlopOptions { Curve = Curve.Akima, Bootstrap = new BootstrapOptions { NoiseSd = 0.002 } });
        var expected = PublishedData.Expected(folder);
        double noiseless = expected.GetProperty("refit").GetProperty("N_exponent_unweighted_noiseless_akima").GetDouble();
        Assert.Equal(noiseless, fit.OptimalParameters!.Value.Exponent, 1e-12);
        Assert.Equal(expected.GetProperty("published").GetProperty("N_exponent_weighted").GetDouble(), fit.OptimalParameters.Value.Exponent, 0.002);
        var interval = fit.ExponentNInterval(0.95)!.Value; // Ours has 1000 noised copies too, unweighted: ends within .005 of theirs.
        Assert.Equal(expected.GetProperty("published").GetProperty("ci95_exponent")[0].GetDouble(), interval.Low, 0.005);
        Assert.Equal(expected.GetProperty("published").GetProperty("ci95_exponent")[1].GetDouble(), interval.High, 0.005);
    }

    [PublishedTheory]
    [InlineData("porian-rw-tuned-short-const-standard-val")]
    [InlineData("porian-rw-base-long-kaplan-kaplan-train")]
    public void A_power_law_through_the_published_optima_has_the_published_exponents(string folder)
    {
        string[][] table = PublishedData.Csv(folder + "/optima.csv");
        double[] Column(string name) => [.. table.Skip(1).Select(r => PublishedData.Number(r[Array.IndexOf(table[0], name)]))];
        double[] weights = [.. Column("N_opt_log_std").Select(s => 1 / (s * s))];
        var published = PublishedData.Expected(folder).GetProperty("published");
        Assert.Equal(published.GetProperty("N_exponent_weighted").GetDouble(), PowerLaw.Through(Column("C"), Column("N_opt"), weights).Exponent, 1e-5);
        Assert.Equal(published.GetProperty("N_exponent_unweighted").GetDouble(), PowerLaw.Through(Column("C"), Column("N_opt")).Exponent, 1e-5);
    }

    [PublishedFact]
    public void Parabolas_give_the_reference_exponent_where_every_budget_has_an_interior_minimum()
    {
        var fit = IsoFlopFitter.Fit(PublishedData.Points("porian-rw-tuned-short-const-standard-val/isoflop_points.csv"), new IsoFlopOptions { Bootstrap = None });
        Assert.All(fit.Profiles, p => Assert.Null(p.Refusal));
        Assert.Equal(0.513685460436575, fit.OptimalParameters!.Value.Exponent, 1e-12);
    }

    /// <summary>One line through all parabolas of these data has the exponent 1.21; three budgets have no interior minimum and must not count.</summary>
    [PublishedFact]
    public void Budgets_without_an_interior_minimum_are_refused_with_the_reason()
    {
        var fit = IsoFlopFitter.Fit(PublishedData.Points("porian-rw-base-long-kaplan-kaplan-train/isoflop_points.csv"), new IsoFlopOptions { Bootstrap = None });
        Assert.Equal(3, fit.Profiles.Count(p => p.Refusal == ProfileRefusal.MinimumAtSmallEnd));
        Assert.InRange(fit.OptimalParameters!.Value.Exponent, 0.8, 0.9);
    }

    /// <summary>The bias of Approach 2 on exact surfaces, which agrees with an independent computation.</summary>
    [PublishedFact]
    public void The_bias_of_parabolas_on_noiseless_surfaces_is_reproduced()
    {
        string[][] table = PublishedData.Csv("synthetic-approach2-bias/expected.csv");
        int compared = 0;
        foreach (string[] row in table.Skip(1))
        {
            double Value(string name) => PublishedData.Number(row[Array.IndexOf(table[0], name)]);
            string Text(string name) => row[Array.IndexOf(table[0], name)];
            var law = new ChinchillaLaw(Value("E"), Value("A"), Value("B"), Value("alpha"), Value("beta"));
            var points = Surface(law, width: Value("k"), drift: Text("offset").StartsWith("3x", StringComparison.Ordinal) ? 3 : 1);
            var fit = IsoFlopFitter.Fit(points, new IsoFlopOptions { Bootstrap = None });
            if (fit.Profiles.All(p => p.Refusal is null)) // The reference also reads minima off beyond its points; ours refuses those.
            {
                compared++;
                Assert.Equal(Value("b_fit"), fit.OptimalTokens!.Value.Exponent, 1e-8);
                var bias = IsoFlopBias.Of(fit, law, Curve.Parabola, 6)!; // What the fit would be told of its own grid.
                Assert.Equal(Value("b_fit") - Value("b_true"), bias.ExponentD, 1e-8);
                Assert.Equal(-bias.ExponentD, bias.ExponentN, 1e-8);
                Assert.Equal(Value("D_fit_1e24"), fit.OptimalTokens.Value.At(1e24), tolerance: 1e-6 * Value("D_fit_1e24"));
            }
            var exact = ChinchillaFitter.Fit(points).Law;
            foreach (string name in ChinchillaLaw.ParameterNames)
                Assert.Equal(law.Parameter(name), exact.Parameter(name), tolerance: 1e-8 * law.Parameter(name));
        }
        output.WriteLine($"{compared} of {table.Length - 1} rows");
        Assert.True(compared > 12);
    }

    /// <summary>Noise of 0.03 %: the bias told is that of the surface, which the data were made from and the fit does not know.</summary>
    [Fact]
    public void The_bias_of_ones_own_grid_is_told_and_warned_of()
    {
        var law = new ChinchillaLaw(1.69, 400, 400, 0.465, 0.155);
        var document = FitDocuments.IsoFlop(Surface(law, width: 8, drift: 3, noise: 0.0003), new IsoFlopOptions { Bootstrap = None });
        output.WriteLine($"{document.Bias}");
        Assert.Equal(0.7736 - 0.75, document.Bias!.ExponentD, 0.004); // Row "Asymmetric, L, 3x drift" of the published surfaces.
        Assert.Contains(document.Warnings, w => w.StartsWith("on this grid Approach 2 is biased", StringComparison.Ordinal));
        var symmetric = FitDocuments.IsoFlop(Surface(new ChinchillaLaw(1.69, 400, 400, 0.31, 0.31), width: 8, drift: 1), new IsoFlopOptions { Bootstrap = None });
        Assert.DoesNotContain(symmetric.Warnings, w => w.Contains("biased"));
    }

    [Theory]
    [InlineData(10.0, ProfileRefusal.MinimumAtLargeEnd)]
    [InlineData(0.1, ProfileRefusal.MinimumAtSmallEnd)]
    public void Sizes_on_one_side_of_the_minimum_are_refused(double tokens, ProfileRefusal refusal)
    {
        var fit = IsoFlopFitter.Fit(Surface(PlantedRuns.Law, width: 2, drift: 1, shift: tokens), new IsoFlopOptions { Bootstrap = None });
        Assert.All(fit.Profiles, p => Assert.Equal(refusal, p.Refusal));
        Assert.Null(fit.OptimalParameters);
    }

    /// <summary>Nine sizes, each observed at its own eleven token counts: no two share a cost.</summary>
    [Fact]
    public void Runs_observed_along_the_way_are_read_at_the_budgets_they_pass()
    {
        var rows = from i in Enumerable.Range(0, 9)
                   from j in Enumerable.Range(0, 11)
                   let n = 1e7 * Math.Pow(1.8, i)
                   let d = 1e8 * Math.Pow(1.9 + 0.01 * i, j)
                   select new Observation { Run = $"n{i}", ParametersTotal = n, Tokens = d, Flops = 6 * n * d, Loss = PlantedRuns.Law.Loss(n, d).Value };
        var fit = IsoFlopFitter.Fit(FitPoints.From([.. rows]), new IsoFlopOptions { Bootstrap = None });
        output.WriteLine(string.Join('\n', fit.Profiles.Select(p => $"{p.Flops:g3} {p.Optimum} {p.Reason}")) + $"\n{fit.OptimalParameters}");
        Assert.True(fit.Accepted.Count() >= 5);
        Assert.Equal(PlantedRuns.Law.ExponentN, fit.OptimalParameters!.Value.Exponent, 0.04); // Wide parabolas and straight chords bend it a little.
        foreach (var profile in fit.Accepted)
        {
            double best = PlantedRuns.Law.ComputeOptimal(new Flops(profile.Flops)).Parameters;
            Assert.InRange(profile.Optimum!.Value.Parameters, best / 1.5, best * 1.5);
            Assert.Equal(profile.Flops, 6 * profile.Optimum.Value.Parameters * profile.Optimum.Value.Tokens, tolerance: 1e-6 * profile.Flops);
        }
    }

    [Fact]
    public void Budgets_of_two_sizes_are_refused()
    {
        var rows = new[] { 1e18, 1e19 }.SelectMany(c => new[] { 1e8, 2e8 }.Select(n => new Observation { Run = "", ParametersTotal = n, Tokens = c / (6 * n), Flops = c, Loss = 3 }));
        Assert.All(IsoFlopFitter.Fit(FitPoints.From([.. rows]), new IsoFlopOptions { Bootstrap = None }).Profiles, p => Assert.Equal(ProfileRefusal.TooFewPoints, p.Refusal));
    }

    [Fact]
    public void Resamples_do_not_depend_on_threads()
    {
        var points = Surface(PlantedRuns.Law, width: 4, drift: 1, noise: 0.003);
        var one = IsoFlopFitter.Fit(points, new IsoFlopOptions { Bootstrap = new BootstrapOptions { Resamples = 50, Threads = 1 } });
        var four = IsoFlopFitter.Fit(points, new IsoFlopOptions { Bootstrap = new BootstrapOptions { Resamples = 50, Threads = 4 } });
        Assert.Equal(one.ResampledParameters, four.ResampledParameters);
        Assert.True(one.ExponentNInterval(0.95)!.Value.Contains(one.OptimalParameters!.Value.Exponent));
    }

    // 5 budgets of 15 points, log-spaced in D from D_opt/width to width·D_opt, the centre drifting by the factor over the budgets.
    private static FitPoints Surface(ChinchillaLaw law, double width, double drift, double shift = 1, double noise = 0)
    {
        var random = new RandomStream(3, 0);
        var rows = new List<Observation>();
        for (int i = 0; i < 5; i++)
        {
            double c = Math.Pow(10, 17 + i), centre = law.ComputeOptimal(new Flops(c)).Tokens * Math.Pow(drift, i / 4.0) * shift;
            for (int j = 0; j < 15; j++)
            {
                double d = centre * Math.Pow(width, -1 + j / 7.0), n = c / (6 * d);
                rows.Add(new Observation { Run = $"{i}-{j}", ParametersTotal = n, Tokens = d, Flops = c, Loss = law.Loss(n, d).Value * Math.Exp(noise * random.NextNormal()) });
            }
        }
        return FitPoints.From(rows);
    }
}
