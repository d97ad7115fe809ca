using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Laws;
using ScalingLab.Planning.Reference;

namespace ScalingLab.Planning;

/// <summary>A fitted law of the literature; Reference/laws.csv holds them.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Law">Constants, N counted with embeddings.</param>
/// <param name="Decay">How repeated tokens lose value; null where the source fitted none.</param>
/// <param name="Source">Where the constants were read.</param>
/// <param name="Runs">Runs it was fitted to.</param>
public sealed record PublishedLaw(string Name, ChinchillaLaw Law, RepetitionDecay? Decay, string Source, FittedRange Runs)
{
    private static readonly Lazy<IReadOnlyList<PublishedLaw>> Table = new(Load);

    /// <summary>All of them. The three readings of one data set differ widely in D/N: 93, 59 and 19 at 5.76e23 FLOPs.</summary>
    public static IReadOnlyList<PublishedLaw> All => Table.Value;

    /// <summary>The law of that name.</summary>
    /// <exception cref="UserErrorException">There is none; the nearest name is suggested.</exception>
    public static PublishedLaw Named(string name) => All.FirstOrDefault(l => l.Name == name) ?? throw new UserErrorException(ExitCode.Usage,
        new Diagnostic("SL0132", $"'{name}' is neither a published law nor a file",
            Help: Suggestions.DidYouMean(name, All.Select(l => l.Name).Append(KaplanAllocation.Name)) ?? $"published laws: {string.Join(", ", All.Select(l => l.Name))}, {KaplanAllocation.Name}; or give the file that scalinglab fit --json wrote"));

    private static IReadOnlyList<PublishedLaw> Load() => [.. ReferenceTable.Read("laws.csv").Select(r => new PublishedLaw(r.Text("name"),
        new(r.Number("E"), r.Number("A"), r.Number("B"), r.Number("alpha"), r.Number("beta")),
        r.Optional("rd") is { } rd && r.Optional("rn") is { } rn ? new(rd, rn) : null, r.Text("source"),
        new(r.Number("params_low"), r.Number("params_high"), r.Number("tokens_low"), r.Number("tokens_high"))))];
}

/// <summary>The runs that a law was fitted to: beyond them it extrapolates.</summary>
/// <param name="ParametersLow">Least N.</param>
/// <param name="ParametersHigh">Largest N.</param>
/// <param name="TokensLow">Least D.</param>
/// <param name="TokensHigh">Largest D.</param>
public sealed record FittedRange(double ParametersLow, double ParametersHigh, double TokensLow, double TokensHigh)
{
    /// <summary>How far an allocation lies outside, one line each for N and D; none inside.</summary>
    public IEnumerable<string> Beyond(Allocation at)
    {
        if (Text("N", at.Parameters, ParametersLow, ParametersHigh) is { } n)
            yield return n;
        if (Text("D", at.Tokens, TokensLow, TokensHigh) is { } d)
            yield return d;
    }

    /// <summary>Factor by which N or D, whichever is farther, lies outside; 1 inside.</summary>
    public double Factor(Allocation at) =>
        new[] { 1, at.Parameters / ParametersHigh, ParametersLow / at.Parameters, at.Tokens / TokensHigh, TokensLow / at.Tokens }.Max();

    private static string? Text(string name, double value, double low, double high) =>
        value > high ? FormattableString.Invariant($"{name} is {value / high:0.#} times the largest in the fitted runs ({high:0.##e0}): extrapolated")
        : value < low ? FormattableString.Invariant($"{name} is {low / value:0.#} times below the least in the fitted runs ({low:0.##e0}): extrapolated")
        : null;
}
