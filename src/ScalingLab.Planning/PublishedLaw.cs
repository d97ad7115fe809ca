using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Laws;

namespace ScalingLab.Planning;

/// <summary>A fitted law of the literature.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Law">Constants, N counted with embeddings.</param>
/// <param name="Source">Where the constants were read.</param>
/// <param name="Runs">Runs it was fitted to.</param>
public sealed record PublishedLaw(string Name, ChinchillaLaw Law, string Source, FittedRange Runs)
{
    // "over 400 language models ranging from 70 million to over 16 billion parameters on 5 to 500 billion tokens": abstract of arXiv:2203.15556.
    private static readonly FittedRange Hoffmann = new(70e6, 16e9, 5e9, 500e9);

    /// <summary>All of them. The three readings of one data set differ widely in D/N: 93, 59 and 19 at 5.76e23 FLOPs.</summary>
    public static readonly IReadOnlyList<PublishedLaw> All =
    [
        new("besiroglu2024", new(1.8172, 482.01, 2085.43, 0.3478, 0.3658),
            "Besiroglu et al. 2024, arXiv:2404.10102: refit of the runs read from Fig. 4 of Hoffmann et al.", Hoffmann),
        new("hoffmann2022", new(Math.Exp(0.5267228), Math.Exp(6.0073404), Math.Exp(6.0179186), 0.33917084, 0.2849083),
            "Hoffmann et al. 2022, arXiv:2203.15556: unrounded constants of the paper's TeX source, as quoted in Epoch's analysis", Hoffmann),
        new("hoffmann2022-rounded", new(1.69, 406.4, 410.7, 0.34, 0.28),
            "Hoffmann et al. 2022, arXiv:2203.15556, Eq. 10: printed digits", Hoffmann),
        new("sardana2024", new(1.69, 406.4, 410.7, 0.336, 0.283),
            "Sardana et al. 2024, arXiv:2401.00448: the constants that reproduce its inference example", Hoffmann),
    ];

    /// <summary>The law of that name.</summary>
    /// <exception cref="UserErrorException">There is none; the nearest name is suggested.</exception>
    public static PublishedLaw Named(string name) => All.FirstOrDefault(l => l.Name == name) ?? throw new UserErrorException(ExitCode.Usage,
        new Diagnostic("SL0132", $"'{name}' is neither a published law nor a file",
            Help: Suggestions.DidYouMean(name, All.Select(l => l.Name)) ?? $"published laws: {string.Join(", ", All.Select(l => l.Name))}; or give the file that scalinglab fit --json wrote"));
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

    private static string? Text(string name, double value, double low, double high) =>
        value > high ? FormattableString.Invariant($"{name} is {value / high:0.#} times the largest in the fitted runs ({high:0.##e0}): extrapolated")
        : value < low ? FormattableString.Invariant($"{name} is {low / value:0.#} times below the least in the fitted runs ({low:0.##e0}): extrapolated")
        : null;
}
