using ScalingLab.Training.Stacks;

namespace ScalingLab.Training.Tests.Stacks;

public sealed class StackPaceTests
{
    [Theory]
    [InlineData(256, 0.001, 250)]
    [InlineData(256, 0.0001, 256)] // as far as the tables go
    [InlineData(256, 0, 256)] // quicker than the clock
    [InlineData(256, 0.1, 16)] // no less than 16, however slow
    [InlineData(8, 0.1, 8)]
    [InlineData(8, 0.001, 8)]
    public void A_block_takes_as_many_steps_as_fill_a_quarter_of_a_second(int most, double secondsOfStep, int steps)
    {
        var pace = new StackPace(most);
        Assert.Equal(Math.Min(16, most), pace.Steps);
        pace.Took(7, 7 * secondsOfStep);
        Assert.Equal(steps, pace.Steps);
        pace.Took(3, 3.0);
        Assert.Equal(Math.Min(16, most), pace.Steps);
    }
}
