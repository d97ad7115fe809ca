using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Units;

namespace ScalingLab.Laws.Design;

/// <summary>A number that a law gives and that further runs are to pin down.</summary>
/// <param name="Name">As on the command line: exponentN, exponentD, a parameter, N@C, D@C or loss@C.</param>
/// <param name="Logarithmic">Whether its error is a factor rather than a difference: N, D, A and B.</param>
/// <param name="Value">The number at a law, with k of C = k·N·D; its logarithm where <paramref name="Logarithmic"/>.</param>
public sealed record DesignQuantity(string Name, bool Logarithmic, Func<ChinchillaLaw, double, double> Value)
{
    /// <summary>What <see cref="Parse"/> reads, for help texts.</summary>
    public const string Choices = "exponentN, exponentD, alpha, beta, E, A, B, or at a budget N@1e21, D@1e21, loss@1e21";

    private static readonly string[] Plain = ["exponentN", "exponentD", .. ChinchillaLaw.ParameterNames];
    private static readonly string[] AtBudget = ["N", "D", "loss"];

    /// <summary>Reads a quantity's name.</summary>
    /// <exception cref="UserErrorException">There is no such quantity, or its budget is not a number above 0.</exception>
    public static DesignQuantity Parse(string text)
    {
        string[] parts = text.Split('@', 2);
        if (parts.Length == 1)
        {
            return text switch
            {
                "exponentN" => new(text, false, (law, _) => law.ExponentN),
                "exponentD" => new(text, false, (law, _) => law.ExponentD),
                "A" or "B" => new(text, true, (law, _) => Math.Log(law.Parameter(text))),
                _ when ChinchillaLaw.ParameterNames.Contains(text) => new(text, false, (law, _) => law.Parameter(text)),
                _ when AtBudget.Contains(text) => throw Refuse($"--quantity {text} needs a budget", $"write {text}@1e21"),
                _ => throw Refuse($"--quantity '{text}' is not known", Suggestions.DidYouMean(text, Plain) ?? "available: " + Choices),
            };
        }
        if (!AtBudget.Contains(parts[0]))
            throw Refuse($"--quantity '{text}': '{parts[0]}' is not known at a budget", "available: " + Choices);
        if (!double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double flops) || !(flops > 0) || !double.IsFinite(flops))
            throw Refuse($"--quantity '{text}': '{parts[1]}' is not a number of FLOPs above 0", $"write {parts[0]}@1e21");
        var budget = new Flops(flops);
        return parts[0] switch
        {
            "N" => new(text, true, (law, k) => Math.Log(law.ComputeOptimal(budget, k).Parameters)),
            "D" => new(text, true, (law, k) => Math.Log(law.ComputeOptimal(budget, k).Tokens)),
            _ => new(text, false, (law, k) => Optimal(law, budget, k)),
        };
    }

    private static double Optimal(ChinchillaLaw law, Flops budget, double k)
    {
        var best = law.ComputeOptimal(budget, k);
        return law.Loss(best.Parameters, best.Tokens).Value;
    }

    private static UserErrorException Refuse(string message, string help) => new(ExitCode.Usage, new Diagnostic("SL0123", message, Help: help));
}
