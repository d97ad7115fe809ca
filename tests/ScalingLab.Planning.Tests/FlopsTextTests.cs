using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Planning.Tests;

public class FlopsTextTests
{
    [Theory]
    [InlineData("5.76e23", 5.76e23)]
    [InlineData("3640PF-day", 3640 * 8.64e19)]
    [InlineData("3640 PF-days", 3640 * 8.64e19)]
    [InlineData(" 12EFLOP ", 12e18)]
    [InlineData("1.5 zflop", 1.5e21)]
    public void Budgets_are_read_with_their_unit(string text, double expected) => Assert.Equal(expected, FlopsText.Parse(text).Count, tolerance: 1e-12 * expected);

    [Theory]
    [InlineData("")]
    [InlineData("ten")]
    [InlineData("-1e20")]
    [InlineData("0")]
    [InlineData("1e400")]
    [InlineData("5 bananas")]
    public void What_is_no_budget_is_refused(string text) => Assert.Throws<UserErrorException>(() => FlopsText.Parse(text));

    [Fact]
    public void A_rate_is_named_as_one()
    {
        Assert.Contains("that is a rate", Assert.Throws<UserErrorException>(() => FlopsText.Parse("5PFLOP/s")).Diagnostics[0].Help);
    }
}
