using System.Globalization;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting;

/// <summary>Numbers as a reader wants them: sensible digits, the same under every culture, a dash for what is absent.</summary>
internal static class Quantity
{
    /// <summary>What stands where there is no number.</summary>
    public const string Absent = "\u2013";

    private static readonly (double Unit, string Suffix)[] Suffixes = [(1e12, " T"), (1e9, " B"), (1e6, " M"), (1e3, " k")];

    /// <summary>A count of parameters or tokens: 1.23 M, 20.4 B; beyond 1000 T as a power of ten.</summary>
    public static RichText Count(double? count, int digits = 3)
    {
        if (count is not double value || !double.IsFinite(value))
            return RichText.Plain(Absent);
        double rounded = Round(value, digits);
        if (Math.Abs(rounded) >= 1e15)
            return Scientific(value, digits);
        foreach ((double unit, string suffix) in Suffixes)
            if (Math.Abs(rounded) >= unit)
                return RichText.Plain(Significant(value / unit, digits) + suffix);
        return RichText.Plain(Significant(value, digits));
    }

    /// <summary>A count for a key: as <see cref="Count"/>, without trailing zeros.</summary>
    public static RichText ShortCount(double count)
    {
        string text = Count(count).ToString();
        int space = text.IndexOf(' ');
        string digits = space < 0 ? text : text[..space];
        if (digits.Contains('\u00d7') || !digits.Contains('.'))
            return Count(count);
        return RichText.Plain(digits.TrimEnd('0').TrimEnd('.') + (space < 0 ? "" : text[space..]));
    }

    /// <summary>m × 10^k: for FLOPs. Trailing zeros are kept, and so are columns even, when not trimmed.</summary>
    public static RichText Scientific(double? number, int digits = 3, bool trim = true)
    {
        if (number is not double value || !double.IsFinite(value))
            return RichText.Plain(Absent);
        if (value == 0)
            return RichText.Plain("0");
        int exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        double mantissa = Math.Round(exponent < -300 ? value * 1e300 / Math.Pow(10, exponent + 300) : value / Math.Pow(10, exponent), digits - 1); // 10^-324 is 0
        if (Math.Abs(mantissa) >= 10)
            (mantissa, exponent) = (mantissa / 10, exponent + 1);
        return RichText.Scientific(mantissa.ToString(trim ? "0.######" : "F" + (digits - 1).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).Replace('-', '\u2212'), exponent);
    }

    /// <summary>Plain digits from 0.0001 to below a million, else m × 10^k.</summary>
    public static RichText Number(double? number, int digits = 4) =>
        number is double value && value != 0 && double.IsFinite(value) && Math.Abs(value) is < 1e-4 or >= 1e6
            ? Scientific(value, digits)
            : RichText.Plain(Significant(number, digits));

    /// <summary>A number of significant digits, trailing zeros kept: they say how much is known.</summary>
    public static string Significant(double? number, int digits)
    {
        if (number is not double value || !double.IsFinite(value))
            return Absent;
        double rounded = Round(value, digits);
        if (rounded == 0)
            return "0";
        int decimals = Math.Clamp(digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(rounded)) + 1e-12), 0, 15);
        return rounded.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).Replace('-', '\u2212');
    }

    /// <summary>A loss in nats: three decimals.</summary>
    public static string Loss(double? nats) =>
        nats is double value && double.IsFinite(value) ? value.ToString("F3", CultureInfo.InvariantCulture) : Absent;

    /// <summary>Every digit, for files that programs read; empty for what is absent.</summary>
    public static string Exact(double? number) =>
        number is double value && double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "";

    /// <summary>A count with its noun: 1 run, 12 runs.</summary>
    public static string Of(int count, string noun) =>
        count.ToString("N0", CultureInfo.InvariantCulture) + " " + noun + (count == 1 ? "" : "s");

    private static double Round(double value, int digits)
    {
        if (Math.Abs(value) < 1e-290) // 10^-magnitude would overflow, and no reader would mind
            return 0;
        int magnitude = digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        double power = Math.Pow(10, Math.Abs(magnitude));
        return magnitude >= 0 ? Math.Round(value * power) / power : Math.Round(value / power) * power;
    }
}
