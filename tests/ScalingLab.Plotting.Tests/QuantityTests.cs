namespace ScalingLab.Plotting.Tests;

public class QuantityTests
{
    [Theory]
    [InlineData(999.6, "1.00 k")]
    [InlineData(1_234_567, "1.23 M")]
    [InlineData(20_400_000_000, "20.4 B")]
    [InlineData(0, "0")]
    [InlineData(5e16, "5×10¹⁶")]
    [InlineData(double.NaN, "–")]
    public void Counts_read_in_thousands_millions_and_billions(double count, string expected) => Assert.Equal(expected, Quantity.Count(count).ToString());

    [Theory]
    [InlineData(9.996e18, "10¹⁹")]
    [InlineData(5.76e23, "5.76×10²³")]
    [InlineData(-1.5e-7, "−1.5×10⁻⁷")]
    public void Powers_of_ten_carry_over_when_they_round_up(double value, string expected) => Assert.Equal(expected, Quantity.Scientific(value).ToString());

    [Theory]
    [InlineData(0.3473105, 3, "0.347")]
    [InlineData(477.8259, 5, "477.83")]
    [InlineData(0.55, 3, "0.550")]
    [InlineData(99.96, 3, "100")]
    public void Significant_digits_keep_their_zeros(double value, int digits, string expected) => Assert.Equal(expected, Quantity.Significant(value, digits));
}
