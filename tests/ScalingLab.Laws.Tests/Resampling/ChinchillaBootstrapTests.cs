using ScalingLab.Core.Runs;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests.Resampling;

public class ChinchillaBootstrapTests
{
    private static readonly ChinchillaFitOptions Options = new();

    [Theory, InlineData(BootstrapKind.Case), InlineData(BootstrapKind.Cluster), InlineData(BootstrapKind.Residual), InlineData(BootstrapKind.Noise)]
    public void Resamples_are_the_same_bits_on_any_number_of_threads(BootstrapKind kind)
    {
        var points = PlantedRuns.Grid(PlantedRuns.Law, noise: 0.01, seed: 4);
        var fit = ChinchillaFitter.Fit(points, Options);
        var bootstrap = new BootstrapOptions { Kind = kind, Resamples = 60, Seed = -9, NoiseSd = 0.02 };
        var one = ChinchillaBootstrap.Run(points, fit, Options, bootstrap with { Threads = 1 });
        foreach (int threads in new[] { 2, 3, 5 })
            Assert.Equal(one.Laws, ChinchillaBootstrap.Run(points, fit, Options, bootstrap with { Threads = threads }).Laws);
        Assert.Equal(60, one.Laws.Count + one.Failed);
        Assert.NotEqual(one.Laws, ChinchillaBootstrap.Run(points, fit, Options, bootstrap with { Seed = 10 }).Laws);
    }

    [Fact]
    public void Whole_runs_are_resampled_when_one_run_gives_several_observations()
    {
        Observation[] rows = [.. PlantedRuns.Observations(PlantedRuns.Law, 0.01, 4).Select(r => r with { Group = r.Run.Split('-')[0] })];
        var points = FitPoints.From(rows);
        var resamples = ChinchillaBootstrap.Run(points, ChinchillaFitter.Fit(points), Options, new BootstrapOptions { Resamples = 20 });
        Assert.Equal(8, points.ClusterCount);
        Assert.Equal(BootstrapKind.Cluster, resamples.Kind);
    }

    [Fact]
    public void Quantiles_interpolate_between_order_statistics()
    {
        var interval = Interval.Percentile([4, 1, 3, 2, 5, double.NaN], 0.9)!.Value; // numpy.percentile([1..5], [5, 95])
        Assert.Equal(1.2, interval.Low, 1e-12);
        Assert.Equal(4.8, interval.High, 1e-12);
    }
}
