using System.Globalization;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Reports;

/// <summary>Reasons not to trust a fit, each in one line with what to do about it.</summary>
public static class FitWarnings
{
    private const int FewObservations = 8;
    private const double NarrowRange = 3;        // Half a decade: too little to bend a power law.
    private const double CollinearAbove = 0.995; // |correlation| of ln N and ln D.
    private const double LargeCondition = 1e6;   // The Chinchilla data have 1.6e3.
    private const double FlopsSpreadAbove = 0.1;
    private const double WideExponent = 0.4;     // Half of all there is between 0 and 1, nearly.
    private const double FailedShare = 0.01;
    private const double Outlier = 12;           // Times the median residual; 8 standard deviations of a normal.

    /// <summary>Warnings about the data alone.</summary>
    public static IEnumerable<string> OfData(FitPoints points, IReadOnlyDictionary<string, double> held)
    {
        int pairs = points.DistinctPairs;
        if (pairs < FewObservations)
            yield return $"only {pairs} distinct (N, D) for {5 - held.Count} free parameters: intervals understate the uncertainty; give 15 or more";
        (double nLow, double nHigh) = (points.Parameters.Min(), points.Parameters.Max());
        (double dLow, double dHigh) = (points.Tokens.Min(), points.Tokens.Max());
        if (nLow == nHigh)
            yield return "all observations have one N: A and alpha cannot be told from E; vary the model size, or --fix alpha and A";
        else if (nHigh / nLow < NarrowRange)
            yield return Text($"N spans only a factor of {nHigh / nLow:0.##}: alpha is poorly determined");
        if (dLow == dHigh)
            yield return "all observations have one D: B and beta cannot be told from E, so alpha and beta are inseparable; vary the tokens, or --fix beta and B";
        else if (dHigh / dLow < NarrowRange)
            yield return Text($"D spans only a factor of {dHigh / dLow:0.##}: beta is poorly determined");
        if (nLow < nHigh && dLow < dHigh && Math.Abs(LogCorrelation(points)) > CollinearAbove)
            yield return "D follows N in all observations (one tokens-per-parameter line): their terms cannot be separated; vary D at fixed N";
        if (points.FlopsFromColumn && points.FlopsSpread > FlopsSpreadAbove)
            yield return Text($"C/(N·D) varies by up to {points.FlopsSpread * 100:0} % over the observations: budgets are turned into (N, D) with its mean, {points.FlopsPerParameterToken:0.###}");
    }

    /// <summary>Warnings about a parametric fit.</summary>
    public static IEnumerable<string> OfFit(FitPoints points, ChinchillaFit fit)
    {
        if (!fit.Converged)
            yield return $"the solver stopped before a minimum ({fit.Reason})";
        foreach (string name in fit.AtBound)
        {
            yield return name is "alpha" or "beta"
                ? $"{name} is at the end of its range: the data do not determine it"
                : $"{name} is at 0: the data do not show that term" + (name == "E" ? "; losses may be too far above the floor to see it" : "");
        }
        if (fit.StartsMoved == 0)
            yield return "no start moved: the parameters are those of a start, not of the data; check losses and weights";
        if (fit.StartsAgreeing * 2 < fit.Starts)
            yield return $"only {fit.StartsAgreeing} of {fit.Starts} starts reached the reported minimum: others may be lower still";
        if (fit.OtherBasins.Count > 0 && fit.OtherBasins[0].Objective < fit.Value * 1.01)
            yield return "another minimum lies within 1 % of the reported one with different parameters; see solver.basins";
        if (!(fit.Condition < LargeCondition))
            yield return double.IsFinite(fit.Condition)
                ? Text($"condition number {fit.Condition:0.#e0}: some parameters can hardly be told apart")
                : "some parameters cannot be told apart: the condition number is infinite";
        (double explained, int outliers) = Explained(points, fit);
        if (explained < 0.5)
            yield return Text($"the law explains {Math.Max(0, explained) * 100:0} % of the variance of ln loss: there may be no law in these data");
        if (outliers > 0)
            yield return Text($"{outliers} observation(s) lie more than {Outlier:0} times the median residual off the law; see whether they belong, and refit without them with --where");
    }

    /// <summary>Warnings about resamples.</summary>
    public static IEnumerable<string> OfResamples(FitPoints points, ChinchillaResamples resamples, double level)
    {
        int total = resamples.Laws.Count + resamples.Failed;
        if (resamples.Failed > FailedShare * total)
            yield return $"{resamples.Failed} of {total} resamples gave no fit: intervals leave them out and are too narrow";
        if (points.Clustered && resamples.Kind == BootstrapKind.Case)
            yield return "several observations share a run, but single observations were resampled: intervals are too narrow; use --bootstrap-kind cluster";
        if (resamples.Kind == BootstrapKind.Cluster && points.ClusterCount < FewObservations)
            yield return $"only {points.ClusterCount} clusters to resample: intervals are rough";
        if (resamples.Interval(l => l.ExponentN, level) is { } a && a.High - a.Low > WideExponent)
            yield return Text($"the exponent of N_opt lies anywhere from {a.Low:0.##} to {a.High:0.##}: the data hardly constrain the optimum");
    }

    /// <summary>Warnings about profile likelihoods.</summary>
    public static IEnumerable<string> OfProfiles(IReadOnlyList<LikelihoodProfile?> profiles)
    {
        string[] open = [.. profiles.OfType<LikelihoodProfile>().Where(p => p.LowReason is OpenEnd.Flat or OpenEnd.EndOfRange || p.HighReason is OpenEnd.Flat or OpenEnd.EndOfRange).Select(p => p.Quantity.Name)];
        if (open.Length > 0)
            yield return $"the likelihood of {string.Join(", ", open)} is flat on a side: the data do not bound {(open.Length > 1 ? "them" : "it")} there";
        if (profiles.Any(p => p?.LowerMinimum == true))
            yield return "a profile found a lower minimum than the fit: the reported parameters are not the best";
    }

    /// <summary>Warnings about optima past the data.</summary>
    public static IEnumerable<string> OfOptima(FitPoints points, IReadOnlyList<OptimumAtDocument> optima)
    {
        (double nLow, double nHigh) = (points.Parameters.Min(), points.Parameters.Max());
        (double dLow, double dHigh) = (points.Tokens.Min(), points.Tokens.Max());
        var outside = optima.Where(o => o.Extrapolation <= Budgets.Rounding && (o.Params < nLow || o.Params > nHigh || o.Tokens < dLow || o.Tokens > dHigh)).ToArray();
        if (outside.Length > 0)
            yield return Text($"at {outside.Length} budget(s) within the data, first {outside[0].Flops:0.###e0} FLOPs, the optimum itself lies outside the N or D that were tried");
        if (optima.Count > 0 && optima[^1].Extrapolation > Budgets.Rounding)
            yield return Text($"budgets above {points.Flops.Max():0.##e0} FLOPs are extrapolated, up to {optima[^1].Extrapolation:0.#} times the largest in the data");
    }

    private static double LogCorrelation(FitPoints points) =>
        MathNet.Numerics.Statistics.Correlation.Pearson(points.Parameters.Select(v => Math.Log(v)), points.Tokens.Select(v => Math.Log(v)));

    // 1 − (residual variance)/(variance of ln loss), both per degree of freedom, and the count of far residuals.
    private static (double Share, int Outliers) Explained(FitPoints points, ChinchillaFit fit)
    {
        double[] residuals = [.. Enumerable.Range(0, points.Count).Select(i => ChinchillaFitter.Residual(fit.Law, points, i, ResidualScale.Log))];
        double[] sizes = [.. residuals.Select(r => Math.Abs(r)).Order()];
        double median = sizes[sizes.Length / 2];
        int outliers = median > 1e-9 ? sizes.Count(s => s > Outlier * median) : 0;
        double mean = points.Loss.Average(l => Math.Log(l));
        double total = points.Loss.Sum(l => Math.Pow(Math.Log(l) - mean, 2));
        int freedom = Math.Max(1, points.Count - 5);
        double within = residuals.Sum(r => r * r) / freedom;
        return (total == 0 ? 0 : 1 - within / (total / Math.Max(1, points.Count - 1)), outliers);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
