using System.Globalization;
using System.Text.RegularExpressions;

namespace ScalingLab.Planning.Claims;

/// <summary>What a line of a formula is for.</summary>
public enum ReadingKind
{
    /// <summary>What the claim's number should be; several for a claim of several numbers.</summary>
    Value,

    /// <summary>Another defensible way to read the claim's (first) number.</summary>
    Or,

    /// <summary>Told, and without a say in the verdict.</summary>
    Note,
}

/// <summary>One value to compute.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Label">In words; empty for none.</param>
/// <param name="Low">Formula.</param>
/// <param name="High">Formula of the upper end of a range; null for a single value.</param>
/// <param name="Unit">Unit to print it in; empty for a pure number.</param>
public sealed record Reading(ReadingKind Kind, string Label, string Low, string? High, string Unit);

/// <summary>How a claim is computed.</summary>
/// <param name="Claim">Its text; <c>{N}</c> stands for a number, which formulas know as N.</param>
public sealed partial record ClaimFormula(string Claim)
{
    /// <summary>Named steps, in order.</summary>
    public IReadOnlyList<(string Name, string Formula)> Steps { get; init; } = [];

    /// <summary>Values to compute.</summary>
    public IReadOnlyList<Reading> Readings { get; init; } = [];

    /// <summary>Unit of each claimed number.</summary>
    public IReadOnlyList<string> Units { get; init; } = [];

    /// <summary>What the claim says where it has words and no number, such as <c>over 0.5</c> for a majority; formulas, one for each number.</summary>
    public string? Says { get; init; }

    /// <summary>True when the claim's number is where the formula begins and there is nothing to compare.</summary>
    public bool Uncompared { get; init; }

    /// <summary>A formula and the range of it that the law was fitted on; null where nothing is extrapolated.</summary>
    public (string At, string Low, string High)? Fitted { get; init; }

    /// <summary>A quantity that the claim's digits may count in another unit, and those digits where they are not the claim's number.</summary>
    public (string Quantity, double? Digits)? AlsoCounts { get; init; }

    /// <summary>Where constants and formulas are from.</summary>
    public string Source { get; init; } = "";

    /// <summary>What there is to say about it.</summary>
    public string Why { get; init; } = "";

    /// <summary>The numbers in a claim's text by name; null when the text is another claim.</summary>
    public IReadOnlyDictionary<string, double>? Match(string claim)
    {
        int opening = Claim.IndexOf('{', StringComparison.Ordinal);
        claim = claim.Trim();
        if (opening < 0)
            return string.Equals(claim, Claim, StringComparison.OrdinalIgnoreCase) ? NoNumbers : null;
        if (!claim.StartsWith(Claim[..opening], StringComparison.OrdinalIgnoreCase))
            return null;
        string pattern = "^" + Placeholder().Replace(Regex.Escape(Claim).Replace("\\{", "{", StringComparison.Ordinal), m => $"(?<{m.Groups[1].Value}>[0-9][0-9.,]*(?:e[-+]?[0-9]+)?[KMBT]?)") + "$";
        var match = Regex.Match(claim, pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        return !match.Success ? null : match.Groups.Values.Where(g => !char.IsAsciiDigit(g.Name[0])).ToDictionary(g => g.Name, g => Number(g.Value));
    }

    private static readonly Dictionary<string, double> NoNumbers = [];

    private static double Number(string text)
    {
        text = text.Replace(",", "", StringComparison.Ordinal);
        double scale = text[^1] switch { 'K' or 'k' => 1e3, 'M' or 'm' => 1e6, 'B' or 'b' => 1e9, 'T' or 't' => 1e12, _ => 1 };
        return scale * double.Parse(scale == 1 ? text : text[..^1], CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
