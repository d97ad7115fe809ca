using System.Globalization;
using ScalingLab.Plotting.Axes;

namespace ScalingLab.Plotting.Tests.Axes;

public class LogScaleTests
{
    [Theory]
    [InlineData(1e18, 1e22, 8, "10¹⁸ 10¹⁹ 10²⁰ 10²¹ 10²²")]
    [InlineData(1, 1e20, 8, "10⁰ 10³ 10⁶ 10⁹ 10¹² 10¹⁵ 10¹⁸")]
    [InlineData(2, 5, 8, "2 3 4 5")]
    [InlineData(2.05, 2.35, 7, "2.05 2.10 2.15 2.20 2.25 2.30 2.35")]
    [InlineData(1.02e18, 1.08e18, 6, "1.02×10¹⁸ 1.03×10¹⁸ 1.04×10¹⁸ 1.05×10¹⁸ 1.06×10¹⁸ 1.07×10¹⁸ 1.08×10¹⁸")]
    [InlineData(2e17, 6e18, 8, "3×10¹⁷ 10¹⁸ 3×10¹⁸")]
    [InlineData(0.001, 100, 8, "0.001 0.01 0.1 1 10 100")]
    [InlineData(1e-300, 1e300, 8, "10⁻³⁰⁰ 10⁻²⁰⁰ 10⁻¹⁰⁰ 10⁰ 10¹⁰⁰ 10²⁰⁰ 10³⁰⁰")]
    public void Ticks_are_labelled_as_a_reader_expects(double low, double high, int labels, string expected)
    {
        IReadOnlyList<Tick> ticks = LogScale.Over([low, high], margin: 0)!.Ticks(labels);
        Assert.Equal(expected, string.Join(' ', ticks.Where(t => t.Label is not null).Select(t => t.Label!.ToString())));
    }

    [Theory, InlineData(1e18, 1e22), InlineData(1, 1e20), InlineData(2, 5), InlineData(2.999, 3.001), InlineData(9.99, 10.01), InlineData(0.7, 1.3), InlineData(1e5, 7.7e6), InlineData(5e-324, 1e308)]
    public void Ticks_ascend_lie_on_the_axis_and_stay_few(double low, double high)
    {
        LogScale scale = LogScale.Over([low, high])!;
        foreach (int labels in new[] { 2, 5, 12 })
        {
            double[] values = [.. scale.Ticks(labels).Select(t => t.Value)];
            Assert.InRange(values.Length, 1, 120);
            Assert.Equal(values.Order(), values);
            Assert.Equal(values.Distinct(), values);
            Assert.All(values, v => Assert.InRange(scale.Place(v), -1e-6, 1 + 1e-6));
            Assert.InRange(scale.Ticks(labels).Count(t => t.Label is not null), 1, 14);
        }
    }

    [Fact]
    public void A_label_names_its_value()
    {
        foreach ((double low, double high) in new[] { (2.05, 2.35), (1.02e18, 1.08e18), (3e-7, 4e-7), (0.0123, 0.0131), (1500, 1900) })
        {
            foreach (Tick tick in LogScale.Over([low, high])!.Ticks(6).Where(t => t.Label is not null))
            {
                string[] parts = tick.Label!.ToString().Split("×10");
                string power = string.Concat((parts.Length > 1 ? parts[1] : "⁰").Select(c => "0123456789-"["⁰¹²³⁴⁵⁶⁷⁸⁹⁻".IndexOf(c, StringComparison.Ordinal)]));
                double named = double.Parse(parts[0], CultureInfo.InvariantCulture) * Math.Pow(10, double.Parse(power, CultureInfo.InvariantCulture));
                Assert.Equal(tick.Value, named, tolerance: 1e-9 * tick.Value);
            }
        }
    }

    [Fact]
    public void There_is_no_axis_over_nothing() => Assert.Null(LogScale.Over([0, -1, double.NaN, double.PositiveInfinity]));

    [Fact]
    public void Place_and_value_are_inverse()
    {
        LogScale scale = LogScale.Over([3, 4000])!;
        Assert.Equal(0.3, scale.Place(scale.Value(0.3)), tolerance: 1e-12);
        Assert.True(double.IsNaN(scale.Place(0)));
    }
}
