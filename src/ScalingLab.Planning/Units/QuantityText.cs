using System.Globalization;
using System.Text.RegularExpressions;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Planning.Units;

/// <summary>Reads and writes values with units: <c>70B</c>, <c>3640PF-day</c>, <c>$2M</c>, <c>40%</c>.</summary>
public static partial class QuantityText
{
    /// <summary>The value in the base unit of a dimension.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="dimension">What is wanted.</param>
    /// <param name="flag">Where it was written, for the message.</param>
    /// <exception cref="UserErrorException">Not a number, out of range, or in a unit of something else: the message names what fits.</exception>
    public static double Parse(string text, Dimension dimension, string? flag = null)
    {
        string place = $"{flag ?? dimension.Flags}: ";
        var match = Shape().Match(text);
        if (!match.Success || !double.TryParse(match.Groups["number"].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            throw Refuse($"{place}'{text}' is not {dimension.Name}", text.Contains(',', StringComparison.Ordinal) ? $"write it without commas, such as {dimension.Example}" : $"write it as {dimension.Example}");
        string unit = match.Groups["unit"].Value.Replace(" ", "", StringComparison.Ordinal);
        bool dollars = match.Groups["currency"].Success;
        if (dollars && !dimension.Units.ContainsKey("$") && !dimension.Units.ContainsKey("$/h"))
            throw WrongUnit(place, text, dimension, Dimension.Usd);
        if (dimension.FactorOf(unit) is not { } factor)
        {
            if (unit.Length > 0 && Dimension.IsBarePrefix(unit))
                throw Refuse($"{place}'{text}' names no unit, and {dimension.Name} is wanted", $"write it as {dimension.Example}");
            if (Dimension.All.FirstOrDefault(d => d != dimension && unit.Length > 0 && d.FactorOf(unit) is not null) is { } other)
                throw WrongUnit(place, text, dimension, other);
            if (unit.Length == 0)
                throw Refuse($"{place}'{text}' lacks its unit: {dimension.Name} is wanted", $"write it as {dimension.Example}");
            throw Refuse($"{place}'{text}': unknown unit '{unit}' of {dimension.Name}", Suggestions.DidYouMean(unit, dimension.Units.Keys.Where(k => k.Length > 0)) ?? $"write it as {dimension.Example}");
        }
        double value = number * factor;
        if (!double.IsFinite(value) || value > dimension.Most)
            throw Refuse($"{place}'{text}' is too large: {dimension.Name} is at most {Number(dimension.Most)}", $"write it as {dimension.Example}");
        if (value < dimension.Least || dimension.Least > 0 && value <= 0)
            throw Refuse($"{place}'{text}' is too small: {dimension.Name} is {(dimension.Least == 0 ? "0 or more" : $"at least {Number(dimension.Least)}")}", $"write it as {dimension.Example}");
        return value;
    }

    /// <summary>The same as a whole number.</summary>
    public static int ParseWhole(string text, Dimension dimension, string? flag = null)
    {
        double value = Parse(text, dimension, flag);
        return value == Math.Floor(value) && value <= int.MaxValue ? (int)value
            : throw Refuse($"{flag ?? dimension.Flags}: '{text}' is not a whole number", $"write it as {dimension.Example}");
    }

    /// <summary>A value in the base unit as text that <see cref="Parse"/> reads back to the same value.</summary>
    public static string Write(double value, string unit = "") => value.ToString("R", CultureInfo.InvariantCulture) + unit;

    private static string Number(double value) => value.ToString("0.###e0", CultureInfo.InvariantCulture).Replace("e0", "", StringComparison.Ordinal);

    private static UserErrorException WrongUnit(string place, string text, Dimension wanted, Dimension given) => given == Dimension.FlopRate && wanted == Dimension.Flops
        ? Refuse($"{place}'{text}' is {given.Name}, and {wanted.Name} is wanted", $"that is a rate; a budget is a count: write it as {wanted.Example}")
        : Refuse($"{place}'{text}' is {given.Name}, and {wanted.Name} is wanted", $"write it as {wanted.Example}; {given.Flags} takes {given.Name}");

    private static UserErrorException Refuse(string message, string? help) => new(ExitCode.Usage, new Diagnostic("SL0131", message, Help: help));

    [GeneratedRegex(@"^\s*(?<currency>\$|USD\s)?\s*(?<number>[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*(?<unit>[^\s,0-9.][^,0-9.]*?)?\s*$")]
    private static partial Regex Shape();
}
