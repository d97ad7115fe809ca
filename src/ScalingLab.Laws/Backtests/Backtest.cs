using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Reports;

namespace ScalingLab.Laws.Backtests;

/// <summary>One loss foretold from cheaper runs.</summary>
/// <param name="Observation">Its place among the observations, from 0.</param>
/// <param name="Extrapolation">Its C over the largest C that was fitted.</param>
/// <param name="Predicted">Loss, nats per token.</param>
/// <param name="RelativeError">Predicted over observed, less 1.</param>
public readonly record struct Prediction(int Observation, double Extrapolation, double Predicted, double RelativeError);

/// <summary>A law fitted to the observations that cost no more than a cut, and what it said of the others.</summary>
public sealed record CutResult
{
    /// <summary>The cut, FLOPs.</summary>
    public required double Flops { get; init; }

    /// <summary>Observations fitted.</summary>
    public required int Fitted { get; init; }

    /// <summary>The fit; null when it was refused.</summary>
    public CandidateFit? Fit { get; init; }

    /// <summary>Why there is no fit; null when there is one.</summary>
    public string? Refusal { get; init; }

    /// <summary>Median of |relative error| on the fitted observations: the noise below which no prediction can be judged. Null without a fit.</summary>
    public double? ErrorWithin { get; init; }

    /// <summary>Every costlier observation.</summary>
    public IReadOnlyList<Prediction> Predictions { get; init; } = [];
}

/// <summary>One law on all cuts, and on all observations.</summary>
/// <param name="Law">Law.</param>
/// <param name="Whole">Its fit to all observations; null when refused.</param>
/// <param name="Cuts">Results, one a cut, dearest cut first.</param>
/// <param name="LogLikelihood">On all observations, see <see cref="Likelihood"/>; null without a fit.</param>
/// <param name="Aicc">From it; null without a fit or with too few observations.</param>
public sealed record LawBacktest(CandidateLaw Law, CandidateFit? Whole, IReadOnlyList<CutResult> Cuts, double? LogLikelihood, double? Aicc)
{
    /// <summary>All predictions of all cuts.</summary>
    public IEnumerable<Prediction> Predictions => Cuts.SelectMany(c => c.Predictions);
}

/// <summary>Fits laws to the runs below a cost and lets them foretell the runs above.</summary>
/// <remarks>The only honest measure of an extrapolation that the data themselves can give: as Gadre et al. 2024, arXiv:2403.08540, foretell their 1.4B and 6.9B models.</remarks>
public static class Backtest
{
    /// <summary>Fewest distinct (N, D) below a cut that is chosen by default: twice the Chinchilla law's parameters.</summary>
    public const int FewestBelow = 10;

    private const int MostCuts = 6;

    /// <summary>Cuts at the largest cost over 2, 4, 8 and so on, as far as enough runs lie below; six of them, evenly, when there are more.</summary>
    /// <exception cref="UserErrorException">Not one leaves enough to fit and something to foretell.</exception>
    public static IReadOnlyList<double> DefaultCuts(FitPoints points)
    {
        double high = points.Flops.Max();
        var cuts = new List<double>();
        int last = points.Count;
        for (double cut = high / 2; ; cut /= 2)
        {
            int[] below = Below(points, cut);
            if (below.Select(i => (points.Parameters[i], points.Tokens[i])).Distinct().Count() < FewestBelow)
                break;
            if (below.Length < last)
                cuts.Add(cut);
            last = below.Length;
        }
        if (cuts.Count == 0)
        {
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0606",
                FormattableString.Invariant($"a backtest needs {FewestBelow} distinct (N, D) at half the largest cost or less ({high:0.##e0} FLOPs), and {points.Count} observations leave fewer"),
                Help: "add cheaper runs, or name cuts with --cuts"));
        }
        return cuts.Count <= MostCuts ? cuts : [.. Enumerable.Range(0, MostCuts).Select(k => cuts[(int)Math.Round(k * (cuts.Count - 1.0) / (MostCuts - 1))])];
    }

    /// <summary>Fits one law below every cut, and to everything.</summary>
    public static LawBacktest Run(CandidateLaw law, FitPoints points, IReadOnlyList<double> cuts, Objective objective)
    {
        CandidateFit? whole = TryFit(law, points).Fit;
        double? likelihood = whole is null ? null : Likelihood.Log(objective, whole.Value, points.Count, points.WeightColumn is null ? null : points.Weights(objective.Scale));
        return new LawBacktest(law, whole, [.. cuts.Select(c => AtCut(law, points, c))], likelihood,
            likelihood is { } l ? Likelihood.Aicc(l, law.FreeParameters, points.Count) : null);
    }

    private static CutResult AtCut(CandidateLaw law, FitPoints points, double cut)
    {
        int[] below = Below(points, cut);
        if (below.Length == 0)
            return new CutResult { Flops = cut, Fitted = 0, Refusal = "no observation costs so little" };
        var cheap = points.Subset(below);
        (CandidateFit? fit, string? refusal) = TryFit(law, cheap);
        if (fit is null)
            return new CutResult { Flops = cut, Fitted = below.Length, Refusal = refusal };
        double high = cheap.Flops.Max();
        return new CutResult
        {
            Flops = cut,
            Fitted = below.Length,
            Fit = fit,
            ErrorWithin = Errors.MedianSize(Enumerable.Range(0, cheap.Count).Select(i => fit.RelativeError(cheap, i))),
            Predictions = [.. Enumerable.Range(0, points.Count).Except(below).Select(i => new Prediction(i, points.Flops[i] / high, fit.Predict(points, i), fit.RelativeError(points, i)))],
        };
    }

    private static (CandidateFit? Fit, string? Refusal) TryFit(CandidateLaw law, FitPoints points)
    {
        try
        {
            return (law.Fit(points), null);
        }
        catch (UserErrorException error) when (error.ExitCode == ExitCode.CorruptData) // Too few runs for this law: a row of the result.
        {
            return (null, error.Message);
        }
    }

    private static int[] Below(FitPoints points, double cut) => [.. Enumerable.Range(0, points.Count).Where(i => points.Flops[i] <= cut * Budgets.Rounding)];
}
