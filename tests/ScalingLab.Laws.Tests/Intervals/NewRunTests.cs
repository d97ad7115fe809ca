using ScalingLab.Core.Runs;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests.Intervals;

public class NewRunTests
{
    /// <summary>Normal laws and normal noise: the sum is normal, its variance the sum of theirs.</summary>
    [Theory, InlineData(ResidualScale.Log), InlineData(ResidualScale.Raw)]
    public void The_interval_is_that_of_the_law_and_the_noise_together(ResidualScale scale)
    {
        double[] z = [.. Enumerable.Range(0, 2000).Select(i => MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, (i + 0.5) / 2000))];
        bool log = scale == ResidualScale.Log;
        var interval = NewRun.Prediction(z.Select(v => log ? 2 * Math.Exp(0.03 * v) : 2 + 0.03 * v), [.. z.Take(2000).Select(v => 0.04 * v)], scale, 0.9)!.Value;
        double half = 1.6448536 * 0.05;
        Assert.Equal(log ? 2 * Math.Exp(-half) : 2 - half, interval.Low, 1e-3);
        Assert.Equal(log ? 2 * Math.Exp(half) : 2 + half, interval.High, 1e-3);
    }

    [Fact]
    public void Without_noise_it_is_the_interval_of_the_loss_and_without_laws_there_is_none()
    {
        var interval = NewRun.Prediction([1, 2, 3, 4, double.NaN], [0], ResidualScale.Raw, 0.5)!.Value;
        Assert.Equal(new Interval(1, 3), new Interval(Math.Round(interval.Low, 9), Math.Round(interval.High, 9)));
        Assert.Null(NewRun.Prediction([double.NaN], [0], ResidualScale.Log, 0.9));
        Assert.Null(NewRun.Prediction([1], [], ResidualScale.Log, 0.9));
    }

    /// <summary>Noise that falls as C^(−0.3), 200 runs: the slope is found, and a run of the dearest cost gets the noise of the dear ones. Without a trend all residuals count alike.</summary>
    [Theory, InlineData(-0.3), InlineData(0)]
    public void Noise_follows_the_cost_when_the_residuals_do(double exponent)
    {
        var random = new RandomStream(3, 0);
        Observation[] rows = [.. Enumerable.Range(0, 200).Select(i => 1e18 * Math.Pow(10, 3 * i / 199.0)).Select(c => new Observation
        {
            Run = "", ParametersTotal = 1e8, Tokens = c / 6e8, Loss = 3 * Math.Exp(0.02 * Math.Pow(c / 1e18, exponent) * random.NextNormal()),
        })];
        var points = FitPoints.From(rows);
        var noise = RunNoise.Of(points, [.. points.Loss.Select(_ => 3.0)], ResidualScale.Log, 0);
        double Deviation(double[] e) => Math.Sqrt(e.Average(v => v * v));
        Assert.Equal(exponent, noise.Slope, tolerance: 0.08);
        Assert.Equal(0.02 * Math.Pow(1e3, exponent), Deviation(noise.At(1e21, 3)), tolerance: 0.25 * 0.02 * Math.Pow(1e3, exponent));
        Assert.Equal(noise.At(1e21, 3), noise.At(1e25, 3), (a, b) => Math.Abs(a - b) <= 1e-12 * Math.Abs(a)); // No noise is made up beyond the data.
    }

    [Fact]
    public void Residuals_are_widened_for_the_parameters_that_were_fitted_to_them()
    {
        Observation[] rows = [.. new[] { 2.9, 3.1, 2.9, 3.1 }.Select(l => new Observation { Run = "", ParametersTotal = 1e8, Tokens = 1e9, Loss = l })];
        double[] noise = RunNoise.Of(FitPoints.From(rows), [3, 3, 3, 3], ResidualScale.Raw, 3).At(null, 3);
        Assert.Equal([-0.2, 0.2, -0.2, 0.2], noise, (a, b) => Math.Abs(a - b) < 1e-12);
    }
}
