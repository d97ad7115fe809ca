using FsCheck;
using FsCheck.Fluent;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Tables;
using ScalingLab.Laws.Envelope;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;
using Xunit.Abstractions;

namespace ScalingLab.Laws.Tests.Envelope;

public class EnvelopeFitterTests(ITestOutputHelper output)
{
    private static readonly BootstrapOptions None = new() { Resamples = 0 };

    /// <summary>McLeish et al. 2025, arXiv:2502.06857: exponents and intercepts of their Approach 1, printed to 16 digits.</summary>
    [PublishedFact]
    public void The_hull_gives_the_published_exponents_of_the_Gemstones()
    {
        var points = FitPoints.From(ObservationTable.FromCsv(Path.Combine(PublishedData.Folder!, "gemstones-cool_end/runs.csv")).Rows);
        var fit = EnvelopeFitter.Fit(points, new EnvelopeOptions { Kind = EnvelopeKind.Hull, Bootstrap = None });
        var expected = PublishedData.Expected("gemstones-cool_end").GetProperty("approach1");
        Assert.Equal(expected.GetProperty("params").GetProperty("exponent").GetDouble(), fit.OptimalParameters!.Value.Exponent, 1e-13);
        Assert.Equal(expected.GetProperty("params").GetProperty("ln_intercept").GetDouble(), Math.Log(fit.OptimalParameters.Value.Coefficient), 1e-11);
        Assert.Equal(expected.GetProperty("tokens").GetProperty("exponent").GetDouble(), fit.OptimalTokens!.Value.Exponent, 1e-13);
        Assert.Equal(expected.GetProperty("tokens").GetProperty("ln_intercept").GetDouble(), Math.Log(fit.OptimalTokens.Value.Coefficient), 1e-11);
    }

    /// <summary>The ends, where the best run is the best for want of others, are left out: without them the staircase has the law's slope.</summary>
    [Theory, InlineData(6), InlineData(9), InlineData(16)]
    public void The_minimum_over_curves_without_noise_has_the_exponent_of_the_law(int sizes)
    {
        var fit = EnvelopeFitter.Fit(TrunkRuns.Points(PlantedRuns.Law, sizes), new EnvelopeOptions { Bootstrap = None });
        output.WriteLine($"{fit.OptimalParameters} {fit.OptimalTokens} law {PlantedRuns.Law.ExponentN} edge {fit.EdgeShare}");
        Assert.Equal(PlantedRuns.Law.ExponentN, fit.OptimalParameters!.Value.Exponent, 0.005);
        Assert.Equal(1, fit.OptimalParameters.Value.Exponent + fit.OptimalTokens!.Value.Exponent, 1e-9); // C = 6·N·D at every point.
    }

    /// <summary>Losses without noise: the bias told is then the error made, to rounding.</summary>
    [Theory, InlineData(EnvelopeKind.Minimum), InlineData(EnvelopeKind.Hull)]
    public void The_bias_told_is_the_error_made_on_losses_of_the_law(EnvelopeKind kind)
    {
        var points = TrunkRuns.Points(PlantedRuns.Law, 9);
        var fit = EnvelopeFitter.Fit(points, new EnvelopeOptions { Kind = kind, Bootstrap = None });
        var bias = EnvelopeBias.Of(points, PlantedRuns.Law, kind)!;
        Assert.Equal(fit.OptimalParameters!.Value.Exponent - PlantedRuns.Law.ExponentN, bias.ExponentN, 1e-12);
        var document = EnvelopeDocuments.Build(points, new EnvelopeOptions { Kind = kind, Bootstrap = None }); // On the law fitted to them.
        Assert.Equal(bias.ExponentN, document.Bias!.ExponentN, 1e-6);
        if (kind == EnvelopeKind.Hull)
            Assert.InRange(bias.ExponentN, -0.1, -0.03); // Its corners reach to both ends of the data.
    }

    /// <summary>Against the definition: at every budget no run that passes it is better.</summary>
    [Fact]
    public void No_run_lies_below_the_minimum()
    {
        var points = TrunkRuns.Points(PlantedRuns.Law, 9, noise: 0.005);
        var fit = EnvelopeFitter.Fit(points, new EnvelopeOptions { Bootstrap = None });
        Assert.True(fit.Points.Count > 500);
        foreach (var at in fit.Points)
        {
            var passing = Enumerable.Range(0, points.Count).GroupBy(i => points.Parameters[i])
                .Where(g => g.Min(i => points.Flops[i]) <= at.Flops && g.Max(i => points.Flops[i]) >= at.Flops)
                .Select(g => (N: g.Key, Loss: Interpolated(points, [.. g], at.Flops))).ToArray();
            Assert.Equal(passing.Min(p => p.Loss), at.Loss, 1e-10);
            Assert.Equal(passing.MinBy(p => p.Loss).N, at.Parameters);
            Assert.Contains(passing, p => p.N < at.Parameters);
            Assert.Contains(passing, p => p.N > at.Parameters);
        }
    }

    /// <summary>Against the definition: a point is a corner when some straight line has it below and all others above.</summary>
    [Fact]
    public void The_hull_has_every_point_above_it_and_its_corners_in_convex_position()
    {
        var points = TrunkRuns.Points(PlantedRuns.Law, 7, noise: 0.02);
        var corners = EnvelopeFitter.Fit(points, new EnvelopeOptions { Kind = EnvelopeKind.Hull, Bootstrap = None }).Points;
        Assert.True(corners.Count >= 5);
        for (int k = 0; k + 1 < corners.Count; k++)
        {
            (double x, double y, double slope) = (Math.Log(corners[k].Flops), Math.Log(corners[k].Loss), Math.Log(corners[k + 1].Loss / corners[k].Loss) / Math.Log(corners[k + 1].Flops / corners[k].Flops));
            Assert.True(slope < 0);
            for (int i = 0; i < points.Count; i++)
                Assert.True(Math.Log(points.Loss[i]) >= y + slope * (Math.Log(points.Flops[i]) - x) - 1e-12);
        }
        Assert.Equal(points.Loss.Min(), corners[^1].Loss); // Down to the least loss of all.
    }

    /// <summary>FLOPs counted k-fold: the same exponents, coefficients over k^exponent. Losses m-fold: nothing changes. Any order of rows: likewise.</summary>
    [Theory, InlineData(EnvelopeKind.Minimum), InlineData(EnvelopeKind.Hull)]
    public void Units_and_the_order_of_rows_change_the_answer_as_the_formula_says(EnvelopeKind kind)
    {
        var rows = TrunkRuns.Rows(PlantedRuns.Law, 9, noise: 0.003);
        var options = new EnvelopeOptions { Kind = kind, Bootstrap = None };
        var plain = EnvelopeFitter.Fit(FitPoints.From(rows), options);
        var changes = from flops in Gen.Choose(-12, 12) from loss in Gen.Choose(-5, 5) from order in Gen.Shuffle(rows.ToArray()) select (Flops: Math.Pow(10, flops / 2.0), Loss: Math.Pow(2, loss / 3.0), Order: order);
        Prop.ForAll(changes.ToArbitrary(), change =>
        {
            var other = EnvelopeFitter.Fit(FitPoints.From([.. change.Order.Select(r => r with { Flops = r.Flops * change.Flops, Loss = r.Loss * change.Loss })]), options);
            Assert.Equal(plain.OptimalParameters!.Value.Exponent, other.OptimalParameters!.Value.Exponent, 1e-9);
            Assert.Equal(plain.OptimalParameters.Value.At(1e20), other.OptimalParameters.Value.At(1e20 * change.Flops), 1e-7 * plain.OptimalParameters.Value.At(1e20));
            Assert.Equal(plain.OptimalTokens!.Value.At(1e20), other.OptimalTokens!.Value.At(1e20 * change.Flops), 1e-7 * plain.OptimalTokens.Value.At(1e20));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(15).WithReplay(20250206, 1));
    }

    [Fact]
    public void Resamples_do_not_depend_on_threads_and_hold_the_estimate()
    {
        var points = TrunkRuns.Points(PlantedRuns.Law, 16, noise: 0.002);
        EnvelopeFit With(int threads) => EnvelopeFitter.Fit(points, new EnvelopeOptions { Bootstrap = new BootstrapOptions { Resamples = 100, Threads = threads } });
        var one = With(1);
        Assert.Equal(one.ResampledParameters, With(4).ResampledParameters);
        Assert.Equal(BootstrapKind.Cluster, one.Resampled);
        Assert.True(one.ExponentNInterval(0.95)!.Value.Contains(PlantedRuns.Law.ExponentN));
        Assert.NotEqual(one.ResampledParameters[0], one.ResampledParameters[1]);
    }

    [Fact]
    public void Single_points_are_no_curves_and_few_sizes_no_envelope()
    {
        Assert.Equal(EnvelopeRefusal.TooFewCurves, Refusal(PlantedRuns.Observations(PlantedRuns.Law, 0, 1)));
        Assert.Equal(EnvelopeRefusal.TooFewSizes, Refusal([.. TrunkRuns.Rows(PlantedRuns.Law, 2), .. TrunkRuns.Rows(PlantedRuns.Law, 2).Select(r => r with { Run = "again " + r.Run })]));
        // Models all far too large for the budgets: the smallest is the best everywhere.
        Assert.Equal(EnvelopeRefusal.TooFewOnEnvelope, Refusal([.. TrunkRuns.Rows(PlantedRuns.Law with { A = 1e-3 }, 5)]));
        var error = Assert.Throws<UserErrorException>(() => EnvelopeDocuments.Build(PlantedRuns.Grid(PlantedRuns.Law, 0, 1), new EnvelopeOptions()));
        Assert.Equal("SL0410", error.Diagnostics[0].Code);
        Assert.Contains("--columns run=", error.Diagnostics[0].Help);
        Assert.Null(Refusal(PlantedRuns.Observations(PlantedRuns.Law, 0, 1), EnvelopeKind.Hull)); // Points of a grid have a hull all the same.
    }

    private static EnvelopeRefusal? Refusal(List<Observation> rows, EnvelopeKind kind = EnvelopeKind.Minimum) => EnvelopeFitter.Fit(FitPoints.From(rows), new EnvelopeOptions { Kind = kind, Bootstrap = None }).Refusal;

    private static double Interpolated(FitPoints points, int[] run, double flops)
    {
        double[] x = [.. run.Select(i => Math.Log(points.Flops[i]))], y = [.. run.Select(i => Math.Log(points.Loss[i]))];
        Array.Sort(x, y);
        return Math.Exp(MathNet.Numerics.Interpolation.LinearSpline.InterpolateSorted(x, y).Interpolate(Math.Log(flops)));
    }
}
