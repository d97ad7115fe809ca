using ScalingLab.Planning.Claims;

namespace ScalingLab.Planning.Tests.Claims;

public class ClaimedValueTests
{
    [Theory]
    [InlineData("2.5", 2.5, 2)]
    [InlineData("3.14e3", 3140, 3)]
    [InlineData("over 11 quadrillion", 11e15, 2)]
    [InlineData("over 100,000", 1e5, 1)]
    [InlineData("1300", 1300, 2)]
    [InlineData("0.40", 0.4, 2)]
    [InlineData("0.0004", 0.0004, 1)]
    [InlineData("4.6M", 4.6e6, 2)]
    [InlineData("58.3 % at 1T", 0.583, 3)]
    public void Numbers_are_read_with_their_digits(string text, double value, int digits)
    {
        var claimed = Assert.Single(ClaimedValue.Parse(text, []));
        Assert.Equal(value, claimed.Value.Value, value * 1e-14);
        Assert.Equal(digits, claimed.Digits);
    }

    [Theory, InlineData("7.1B/141.4B", 7.1e9, 141.4e9), InlineData("0.891..0.501", 0.891, 0.501)]
    public void Several_numbers_are_read_in_order(string text, double first, double second) => Assert.Equal([first, second], ClaimedValue.Parse(text, []).Select(c => c.Value.Value));

    [Theory, InlineData("-"), InlineData("(not printed)"), InlineData("majority"), InlineData("linear"), InlineData("")]
    public void Words_hold_no_number(string text) => Assert.Empty(ClaimedValue.Parse(text, []));

    [Fact]
    public void A_unit_alone_is_one_of_it() => Assert.Equal(1e15, Assert.Single(ClaimedValue.Parse("PFLOP", [])).Value.Value);

    [Theory]
    [InlineData("2.5", 2.45, true)]
    [InlineData("2.5", 2.376, false)] // half of the last digit is .05
    [InlineData("1300", 1287, true)]
    [InlineData("100", 120, false)] // one digit: within a tenth
    [InlineData("1000", 934.6, true)]
    [InlineData("~100", 120, true)]
    [InlineData("~100", 176, false)]
    [InlineData("over 100,000", 99_501, false)]
    [InlineData("over 100,000", 114_000, true)]
    [InlineData("under 1", 0.95, true)]
    public void A_number_agrees_as_far_as_its_digits_go(string claimed, double computed, bool fits) => Assert.Equal(fits, ClaimedValue.Parse(claimed, [])[0].Fits(computed, computed));

    [Theory]
    [InlineData("1.26", 1.19, 1.31, true)]
    [InlineData("4.4", 3.97, 4.71, true)]
    [InlineData("20", 76.4, 106.9, false)]
    public void A_number_agrees_with_a_range_that_holds_it(string claimed, double low, double high, bool fits) => Assert.Equal(fits, ClaimedValue.Parse(claimed, [])[0].Fits(low, high));

    [Fact]
    public void A_unit_of_another_kind_names_the_ones_that_fit() =>
        Assert.Equal("units that fit: J, kJ, Wh, kWh, MWh, GWh, TWh", Assert.Throws<ExpressionException>(() => ClaimedValue.Parse("5 GW", ["MWh"])).Help);
}
