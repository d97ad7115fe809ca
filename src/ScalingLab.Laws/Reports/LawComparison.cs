using MathNet.Numerics.Distributions;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Reports;

/// <summary>A fitted law against a wider one fitted to the same observations.</summary>
internal static class LawComparison
{
    /// <summary>Tied Chinchilla against Chinchilla; null for other laws, and when parameters are held.</summary>
    public static ComparisonDocument? Of(FitPoints points, CurveFit fit, IReadOnlyDictionary<string, double> held)
    {
        if (held.Count > 0)
            return null;
        if (fit.Curve is ChinchillaTied && points.DistinctPairs >= ChinchillaLaw.ParameterNames.Count)
        {
            var free = ChinchillaFitter.Fit(points, new ChinchillaFitOptions { Objective = fit.Objective });
            return Between(points, fit.Objective, "chinchilla", (fit.Value, fit.Parameters.Count), (free.Value, ChinchillaLaw.ParameterNames.Count));
        }
        return null;
    }

    private static ComparisonDocument Between(FitPoints points, Objective objective, string wider, (double Value, int Parameters) narrow, (double Value, int Parameters) wide)
    {
        double[]? weights = points.WeightColumn is null ? null : points.Weights(objective.Scale);
        double narrowLog = Likelihood.Log(objective, narrow.Value, points.Count, weights), wideLog = Likelihood.Log(objective, wide.Value, points.Count, weights);
        int more = wide.Parameters - narrow.Parameters;
        double? ratio = double.IsFinite(narrowLog) && double.IsFinite(wideLog) ? Math.Max(0, 2 * (wideLog - narrowLog)) : null;
        return new(wider, more, ratio, ratio is { } r ? 1 - ChiSquared.CDF(more, r) : null,
            Likelihood.Aicc(wideLog, wide.Parameters, points.Count) - Likelihood.Aicc(narrowLog, narrow.Parameters, points.Count));
    }
}
