using System.Globalization;
using System.Text.RegularExpressions;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Units;

namespace ScalingLab.Planning;

/// <summary>Reads budgets: <c>5.76e23</c>, <c>3640PF-day</c>, <c>12 EFLOP</c>.</summary>
public static partial class FlopsText
{
    /// <summary>10^15 FLOP/s for a day, 8.64e19 FLOPs (Kaplan et al. 2020, arXiv:2001.08361, Sec. 1.3).</summary>
    public const double PetaflopDay = 1e15 * 86400;

    private static readonly Dictionary<string, double> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = 1,
        ["FLOP"] = 1,
        ["FLOPs"] = 1,
        ["GFLOP"] = 1e9,
        ["TFLOP"] = 1e12,
        ["PFLOP"] = 1e15,
        ["EFLOP"] = 1e18,
        ["ZFLOP"] = 1e21,
        ["YFLOP"] = 1e24,
        ["PF-day"] = PetaflopDay,
        ["PF-days"] = PetaflopDay,
        ["PFLOP/s-day"] = PetaflopDay,
        ["PFLOP/s-days"] = PetaflopDay,
    };

    /// <summary>The count, above 0 and finite.</summary>
    /// <exception cref="UserErrorException">Not a number above 0, or an unknown unit; a rate such as PFLOP/s is named as one.</exception>
    public static Flops Parse(string text)
    {
        var match = Shape().Match(text);
        if (!match.Success || !double.TryParse(match.Groups[1].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            throw Refuse($"'{text}' is not a count of FLOPs", "write it as 5.76e23, 3640PF-day or 12EFLOP");
        string unit = match.Groups[2].Value;
        if (!Units.TryGetValue(unit, out double factor))
        {
            throw Refuse($"'{text}': unknown unit '{unit}'", unit.EndsWith("/s", StringComparison.OrdinalIgnoreCase)
                ? $"that is a rate; a budget is a count, such as {number.ToString(CultureInfo.InvariantCulture)}PF-day"
                : Suggestions.DidYouMean(unit, Units.Keys) ?? "units: FLOP, GFLOP, TFLOP, PFLOP, EFLOP, ZFLOP, YFLOP, PF-day");
        }
        double count = number * factor;
        return count > 0 && double.IsFinite(count) ? new Flops(count) : throw Refuse($"'{text}' is not a budget above 0", null);
    }

    private static UserErrorException Refuse(string message, string? help) => new(ExitCode.Usage, new Diagnostic("SL0131", message, Help: help));

    [GeneratedRegex(@"^\s*([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*(\S*)\s*$")]
    private static partial Regex Shape();
}
