using System.Globalization;
using System.Text.RegularExpressions;

namespace ScalingLab.Planning.Claims;

/// <summary>How a claim bounds its number.</summary>
public enum ClaimBound
{
    /// <summary>The number itself, as far as its digits go.</summary>
    Equal,

    /// <summary>About the number: a quarter more or less.</summary>
    About,

    /// <summary>More than the number.</summary>
    Over,

    /// <summary>Less than the number.</summary>
    Under,
}

/// <summary>One number of a claim, with the digits it was printed with.</summary>
/// <param name="Value">The number times its unit, base units.</param>
/// <param name="Digits">Significant digits printed; trailing zeros of a whole number do not count.</param>
/// <param name="Bound">How it is meant.</param>
/// <param name="Number">The number as printed, before its unit.</param>
public sealed partial record ClaimedValue(Quantity Value, int Digits, ClaimBound Bound, double Number)
{
    private const double OneDigit = 0.10; // what is said with one digit is not meant closer
    private const double LeastTolerance = 0.02; // years of 365 or 365.25 days, prices and homes are all rounded
    private const double AboutTolerance = 0.25;

    private static readonly Dictionary<string, double> Multiples = new(StringComparer.OrdinalIgnoreCase)
    {
        ["thousand"] = 1e3,
        ["million"] = 1e6,
        ["billion"] = 1e9,
        ["trillion"] = 1e12,
        ["quadrillion"] = 1e15,
        ["trillions"] = 1e12,
    };

    /// <summary>Whether a computed value, or a range of them, is what the claim says.</summary>
    /// <param name="low">Lower end, base units.</param>
    /// <param name="high">Upper end; the lower one for a single value.</param>
    public bool Fits(double low, double high)
    {
        double size = Math.Abs(Value.Value), scale = Number == 0 ? 1 : Math.Abs(Value.Value / Number);
        double lastDigit = Number == 0 ? 0 : scale * Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(Number))) - Digits + 1);
        double tolerance = Bound == ClaimBound.About ? AboutTolerance * size : Digits == 1 ? OneDigit * size : Math.Max(lastDigit / 2, LeastTolerance * size);
        return Bound switch
        {
            ClaimBound.Over => low > Value.Value,
            ClaimBound.Under => high < Value.Value,
            _ => Value.Value >= low - tolerance && Value.Value <= high + tolerance,
        };
    }

    /// <summary>The numbers of a text: <c>2.5</c>, <c>7.1B/141.4B</c>, <c>0.891..0.501</c>, <c>over 11 quadrillion</c>, <c>1300 MWh</c>, or a unit alone; empty for words.</summary>
    /// <param name="text">As the claim has it.</param>
    /// <param name="units">Unit of each number that has none of its own; the last one serves the rest.</param>
    /// <exception cref="ExpressionException">A unit that does not exist, or one that differs in kind from the unit expected; the units that fit are named.</exception>
    public static IReadOnlyList<ClaimedValue> Parse(string text, IReadOnlyList<string> units)
    {
        var match = Bounds().Match(text.Trim());
        var bound = match.Groups[1].Value.ToLowerInvariant() switch { "over" or ">" => ClaimBound.Over, "under" or "<" => ClaimBound.Under, "about" or "~" => ClaimBound.About, _ => ClaimBound.Equal };
        string[] pieces = Separators().Split(match.Groups[2].Value);
        if (pieces.All(p => One().IsMatch(p)))
            return [.. pieces.Select((p, i) => Read(p, i < units.Count ? units[i] : units.Count > 0 ? units[^1] : "", bound))];
        return pieces.Length == 1 && UnitTable.Find(pieces[0]) is { } unit ? [new(unit, int.MaxValue, ClaimBound.Equal, 1)] : [];
    }

    private static ClaimedValue Read(string piece, string expected, ClaimBound bound)
    {
        var match = One().Match(piece);
        string digits = match.Groups[1].Value.Replace(",", "", StringComparison.Ordinal), mantissa = digits.Split('e', 'E')[0].TrimStart('+', '-');
        double number = double.Parse(digits, CultureInfo.InvariantCulture);
        string word = match.Groups[2].Value, unit = match.Groups[3].Value.Trim();
        number *= word switch { "K" => 1e3, "M" => 1e6, "B" => 1e9, "T" => 1e12, "" => 1, _ => Multiples[word] };
        string significant = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        int count = Math.Max(1, (mantissa.Contains('.', StringComparison.Ordinal) ? significant : significant.TrimEnd('0')).Length);
        Quantity wanted = expected.Length == 0 ? 1 : Expression.Evaluate(expected), own = unit.Length == 0 ? wanted : Expression.Evaluate(unit);
        if (expected.Length > 0 && own.Dimensions != wanted.Dimensions)
            throw new ExpressionException($"'{piece.Trim()}' counts {own.Dimensions}, where {wanted.Dimensions} is wanted", $"units that fit: {UnitTable.FitText(wanted.Dimensions)}");
        return new(number * own, count, bound, number);
    }

    [GeneratedRegex(@"^(over|under|about|~|>|<)?\s*(.*?)(?:\s+at\s.*)?$", RegexOptions.IgnoreCase)]
    private static partial Regex Bounds();

    [GeneratedRegex(@"\s*(?:\.\.|/(?=\s*[\d.]))\s*")]
    private static partial Regex Separators();

    [GeneratedRegex(@"^\s*([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?<=\d)(?:[eE][-+]?\d+)?)\s*(thousand|million|billion|trillions?|quadrillion|[KMBT](?![A-Za-z]))?\s*([A-Za-z%].*)?$")]
    private static partial Regex One();
}
