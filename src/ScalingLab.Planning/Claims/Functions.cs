using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Units;
using ScalingLab.Laws;

namespace ScalingLab.Planning.Claims;

/// <summary>The functions that formulas of claims may call; each checks the units of what it is given.</summary>
public static class Functions
{
    private static readonly Dimensions Parameters = new(Parameters: 1), Tokens = new(Tokens: 1), Nats = new(Nats: 1), FlopCount = new(Flops: 1), TokensPerParameter = new(Tokens: 1, Parameters: -1);

    /// <summary>Kaplan et al. 2020, arXiv:2001.08361, Eq. 1.1: N without embeddings at which the loss would be 1 nat, and the exponent.</summary>
    private const double KaplanNc = 8.8e13, KaplanAlphaN = 0.076;

    private static readonly ChinchillaLaw Refit = PublishedLaw.Named("besiroglu2024").Law, Rounded = PublishedLaw.Named("hoffmann2022-rounded").Law;

    private sealed record Function(string Name, Dimensions[] Arguments, Func<double[], Quantity> Body);

    private static readonly Function[] All =
    [
        new("ln", [Dimensions.None], x => Math.Log(x[0])),
        new("log10", [Dimensions.None], x => Math.Log10(x[0])),
        new("exp", [Dimensions.None], x => Math.Exp(x[0])),
        new("kaplan_n", [Parameters], x => new(Math.Pow(KaplanNc / x[0], KaplanAlphaN), Nats)),
        new("kaplan_n_inverse", [Nats], x => new(KaplanNc / Math.Pow(x[0], 1 / KaplanAlphaN), Parameters)),
        new("chinchilla_rounded", [Parameters, Tokens], x => new(Rounded.Loss(x[0], x[1]).Value, Nats)),
        new("chinchilla_refit", [Parameters, Tokens], x => new(Refit.Loss(x[0], x[1]).Value, Nats)),
        new("ratio_rounded", [FlopCount], x => new(Rounded.ComputeOptimal(new Flops(x[0])).TokensPerParameter, TokensPerParameter)),
        new("ratio_refit", [FlopCount], x => new(Refit.ComputeOptimal(new Flops(x[0])).TokensPerParameter, TokensPerParameter)),
        new("best_of_n_ceiling", [Dimensions.None, Dimensions.None, Dimensions.None], x => TestTime.Verifier.Ceiling(x[0], x[1], x[2])),
    ];

    /// <summary>Calls a function; <c>sqrt</c>, <c>min</c> and <c>max</c> take any unit.</summary>
    /// <exception cref="ExpressionException">No such function, or arguments that do not fit it.</exception>
    public static Quantity Call(string name, IReadOnlyList<Quantity> arguments)
    {
        if (name == "sqrt" && arguments.Count == 1)
            return new(Math.Sqrt(arguments[0].Value), arguments[0].Dimensions.Power(0.5));
        if (name is "min" or "max")
        {
            return arguments.All(a => a.Dimensions == arguments[0].Dimensions)
                ? arguments[0] with { Value = name == "min" ? arguments.Min(a => a.Value) : arguments.Max(a => a.Value) }
                : throw new ExpressionException($"{name} compares different units", $"units that fit: {UnitTable.FitText(arguments[0].Dimensions)}");
        }
        var function = Array.Find(All, f => f.Name == name) ?? throw new ExpressionException($"there is no function '{name}'", Suggestions.DidYouMean(name, All.Select(f => f.Name)) ?? $"functions: sqrt, min, max, {string.Join(", ", All.Select(f => f.Name))}");
        if (arguments.Count != function.Arguments.Length)
            throw new ExpressionException($"{name} takes {function.Arguments.Length} arguments, not {arguments.Count}");
        for (int i = 0; i < arguments.Count; i++)
        {
            if (arguments[i].Dimensions != function.Arguments[i])
                throw new ExpressionException($"argument {i + 1} of {name} counts {arguments[i].Dimensions}", $"units that fit: {UnitTable.FitText(function.Arguments[i])}");
        }
        return function.Body([.. arguments.Select(a => a.Value)]);
    }
}
