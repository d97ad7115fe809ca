using ScalingLab.Training.Benchmarks;

namespace ScalingLab.Training.Tests.Benchmarks;

public sealed class TimingsTests
{
    [Theory]
    [InlineData(new[] { 3.0 }, 3, 3, 3)]
    [InlineData(new[] { 5.0, 1, 4 }, 4, 1, 5)]
    [InlineData(new[] { 9.0, 2, 4, 1 }, 3, 1, 9)]
    public void The_median_is_the_middle_time_or_the_mean_of_the_middle_two(double[] seconds, double median, double min, double max) =>
        Assert.Equal(new Timings(median, min, max), Timings.Of(seconds));

    [Fact]
    public void No_times_have_no_median() => Assert.Throws<ArgumentException>(() => Timings.Of([]));

    [Fact]
    public void Utilization_is_the_FLOPs_that_the_model_needs_over_those_that_the_device_could_do()
    {
        // 3e9 FLOPs in a tenth of a second are 3e10 a second: a fifth of 1.5e11.
        Assert.Equal(0.2, Utilization.Mfu(3e9, 0.1, 1.5e11)!.Value, tolerance: 1e-15);
        Assert.Null(Utilization.Mfu(3e9, 0.1, null));
        Assert.Throws<ArgumentOutOfRangeException>(() => Utilization.Mfu(3e9, 0, 1.5e11));
    }

    [Fact]
    public void Work_is_repeated_for_about_the_time_given_and_five_times_at_least()
    {
        int times = 0;
        Repeated.Time(1e-9, () => { times++; });
        Assert.Equal(6, times); // once untimed
        double next = 0;
        Assert.Equal(new Timings(4, 2, 6), Repeated.Time(1e-9, () => ++next)); // the first does not count
    }
}
