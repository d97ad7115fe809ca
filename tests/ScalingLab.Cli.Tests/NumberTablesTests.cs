using ScalingLab.Cli.Commands;

namespace ScalingLab.Cli.Tests;

public sealed class NumberTablesTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.51392, "0.5139")]
    [InlineData(9999.4, "9999")]
    [InlineData(9999.5, "1e4")]
    [InlineData(10160, "1.016e4")]
    [InlineData(-2.6193e8, "-2.619e8")]
    [InlineData(0.00012, "1.2e-4")]
    public void Four_digits_are_written_alike_at_every_size(double value, string text) => Assert.Equal(text, NumberTables.Number(value));

    [Theory]
    [InlineData(0.0010182740178, "0.00101827402")]
    [InlineData(4.23196592e-8, "4.23196592e-8")]
    [InlineData(1322.35341, "1322.35341")]
    [InlineData(2.5e12, "2.5e12")]
    public void Nine_digits_are_written_alike_at_every_size(double value, string text) => Assert.Equal(text, NumberTables.Precise(value));
}
