using FsCheck;
using FsCheck.Fluent;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Units;

namespace ScalingLab.Planning.Tests.Units;

public class QuantityTextTests
{
    public static readonly TheoryData<string, string, double> Written = new()
    {
        { "Flops", "5.76e23", 5.76e23 }, { "Flops", "3640PF-day", 3640 * 8.64e19 }, { "Flops", "3640 PF-days", 3640 * 8.64e19 }, { "Flops", " 12EFLOP ", 12e18 }, { "Flops", "1.5 zflop", 1.5e21 },
        { "FlopRate", "989TFLOP/s", 989e12 }, { "Parameters", "70B", 70e9 }, { "Parameters", "70b", 70e9 }, { "Parameters", "1.8T params", 1.8e12 }, { "Tokens", "1.4T", 1.4e12 }, { "Tokens", "300 Btokens", 300e9 },
        { "TokensPerDay", "1M/s", 86400e6 }, { "AcceleratorHours", "2.8MGPU-h", 2.8e6 }, { "AcceleratorHours", "1GPU-years", 8766 }, { "Energy", "289MWh", 289e3 }, { "Energy", "3.6MJ", 1 }, { "Power", "0.7kW", 700 },
        { "Usd", "$2M", 2e6 }, { "Usd", "2MUSD", 2e6 }, { "Usd", "USD 5", 5 }, { "UsdPerHour", "4.50USD/h", 4.5 }, { "UsdPerHour", "$4.50", 4.5 }, { "UsdPerKwh", "80USD/MWh", 0.08 }, { "KgPerKwh", "400g/kWh", 0.4 },
        { "Bytes", "80GiB", 80 * 1073741824.0 }, { "Share", "40%", 0.4 }, { "Days", "2weeks", 14 }, { "Count", "16k", 16000 },
    };

    [Theory, MemberData(nameof(Written))]
    public void Values_are_read_with_their_units(string dimension, string text, double expected) =>
        Assert.Equal(expected, QuantityText.Parse(text, Find(dimension)), tolerance: 1e-12 * expected);

    [Theory]
    [InlineData("Flops", "5PFLOP/s", "a rate in FLOP/s", "that is a rate; a budget is a count: write it as 5.76e23, 3640PF-day or 12EFLOP")]
    [InlineData("Flops", "300MWh", "an energy", "write it as 5.76e23, 3640PF-day or 12EFLOP; --energy takes an energy")]
    [InlineData("Flops", "$2M", "an amount of USD", "write it as 5.76e23, 3640PF-day or 12EFLOP; --usd takes an amount of USD")]
    [InlineData("Parameters", "140GB", "an amount of memory", "write it as 70B or 7e10; --memory takes an amount of memory")]
    [InlineData("Tokens", "3640PF-day", "a number of FLOPs", "write it as 1.4T or 1.4e12; --flops takes a number of FLOPs")]
    [InlineData("Usd", "500GPU-h", "a number of accelerator-hours", "write it as 2M, $2M or 2MUSD; --accelerator-hours takes a number of accelerator-hours")]
    [InlineData("Energy", "700W", "a power", "write it as 289MWh; --watts takes a power")]
    [InlineData("UsdPerHour", "0.1USD/kWh", "a price in USD a kWh", "write it as 4.50 or 4.50USD/h; --usd-per-kwh takes a price in USD a kWh")]
    public void A_value_in_a_wrong_unit_is_refused_with_the_unit_that_fits(string dimension, string text, string what, string help)
    {
        var error = Assert.Throws<UserErrorException>(() => QuantityText.Parse(text, Find(dimension)));
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.Equal($"{Find(dimension).Flags}: '{text}' is {what}, and {Find(dimension).Name} is wanted", error.Message);
        Assert.Equal(help, error.Diagnostics[0].Help);
    }

    [Theory]
    [InlineData("Flops", "", "is not a number of FLOPs")]
    [InlineData("Flops", "ten", "is not a number of FLOPs")]
    [InlineData("Flops", "-1e20", "is too small")]
    [InlineData("Flops", "0", "is too small")]
    [InlineData("Flops", "1e400", "is too large")]
    [InlineData("Flops", "5 bananas", "unknown unit 'bananas'")]
    [InlineData("Flops", "70B", "names no unit")]
    [InlineData("Flops", "NaN", "is not a number of FLOPs")]
    [InlineData("Flops", "5e23.5", "is not a number of FLOPs")]
    [InlineData("Energy", "300", "lacks its unit")]
    [InlineData("Energy", "300mWh", "unknown unit 'mWh'")]
    [InlineData("Parameters", "70,000", "is not a number of parameters")]
    [InlineData("Share", "40", "is too large")]
    [InlineData("Share", "0", "is too small")]
    [InlineData("UsdPerHour", "-1", "is too small")]
    public void What_is_no_such_value_is_refused_in_a_line(string dimension, string text, string message)
    {
        var error = Assert.Throws<UserErrorException>(() => QuantityText.Parse(text, Find(dimension)));
        Assert.Contains(message, error.Message);
        Assert.NotNull(error.Diagnostics[0].Help);
    }

    [Fact]
    public void A_misspelt_unit_is_answered_with_the_nearest() =>
        Assert.Equal("did you mean 'PF-day'?", Assert.Throws<UserErrorException>(() => QuantityText.Parse("3640PF-dya", Dimension.Flops)).Diagnostics[0].Help);

    [Fact]
    public void A_value_written_in_any_unit_is_read_back()
    {
        var cases = from dimension in Gen.Elements(Dimension.All.ToArray())
                    from unit in Gen.Elements(dimension.Units.Keys.ToArray())
                    from mantissa in Gen.Choose(1000, 9999)
                    from exponent in Gen.Choose(-3, 12)
                    let number = mantissa * Math.Pow(10, exponent - 3)
                    let value = number * dimension.Units[unit]
                    where value >= Math.Max(dimension.Least, 1e-12) && value <= dimension.Most
                    select (dimension, number, unit, value);
        Prop.ForAll(cases.ToArbitrary(), c => QuantityText.Parse(QuantityText.Write(c.number, c.unit), c.dimension) == c.value)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(20240405, 1));
    }

    private static Dimension Find(string name) => (Dimension)typeof(Dimension).GetField(name)!.GetValue(null)!;
}
