using System.Globalization;
using System.Text.RegularExpressions;

namespace ScalingLab.Core.Configs;

/// <summary>How numbers are written in configs: invariant culture, underscores between digits, exponents.</summary>
internal static partial class Numbers
{
    /// <summary>The text without underscores between digits; other underscores stay and make it no number.</summary>
    public static string Plain(string text) =>
        text.Contains('_', StringComparison.Ordinal) ? BetweenDigits().Replace(text, "") : text;

    /// <summary><c>10M</c> is not read: says how to write it. Null when the text is nothing of the kind.</summary>
    public static string? SuffixHelp(string text)
    {
        if (Suffixed().Match(text) is { Success: false })
            return null;
        int exponent = char.ToLowerInvariant(text[^1]) switch { 'k' => 3, 'm' => 6, 'b' or 'g' => 9, _ => 12 };
        return $"write {text[..^1].Trim()}e{exponent}";
    }

    /// <summary>Three digits and a letter: <c>1.2M</c>, <c>350K</c>, <c>64</c>.</summary>
    public static string Compact(double value)
    {
        (double unit, string letter) = value switch
        {
            >= 999.5e9 => (1e12, "T"),
            >= 999.5e6 => (1e9, "B"),
            >= 999.5e3 => (1e6, "M"),
            >= 999.5 => (1e3, "K"),
            _ => (1, ""),
        };
        return (value / unit).ToString("G3", CultureInfo.InvariantCulture) + letter;
    }

    [GeneratedRegex(@"(?<=\d)_(?=\d)")]
    private static partial Regex BetweenDigits();

    [GeneratedRegex(@"^\s*\d+(\.\d+)?\s*[kKmMbBgGtT]$")]
    private static partial Regex Suffixed();
}
