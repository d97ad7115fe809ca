using ScalingLab.Plotting.Axes;

namespace ScalingLab.Plotting.Tests.Axes;

public class LinearScaleTests
{
    [Theory]
    [InlineData(-2.6, 2.6, 5, "−2 0 2")]
    [InlineData(0, 1, 5, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(0, 1, 4, "0.00 0.25 0.50 0.75 1.00")]
    [InlineData(0, 2e9, 4, "0e0 5e8 1e9 1.5e9 2e9")]
    public void Ticks_are_round_and_labelled_with_as_many_decimals_as_they_need(double low, double high, int labels, string expected) =>
        Assert.Equal(expected, string.Join(' ', new LinearScale(low, high).Ticks(labels).Select(t => t.Label!.ToString())));

    [Fact]
    public void Equal_values_get_an_axis_around_them()
    {
        LinearScale scale = LinearScale.Over([3, 3])!;
        Assert.True(scale.Low < 3 && scale.High > 3);
    }
}
