using System.Diagnostics;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Reports;

/// <summary>From points to the document of a law other than Chinchilla's.</summary>
public static class CurveDocuments
{
    /// <summary>Fits, resamples, warns.</summary>
    public static FitDocument Build(FitPoints points, LossCurve curve, Objective objective, IReadOnlyDictionary<string, double> held, BootstrapOptions bootstrap, double level = FitDocuments.DefaultLevel, IntervalRequest? request = null)
    {
        request ??= IntervalRequest.None;
        var clock = Stopwatch.StartNew();
        var fit = new CurveFitter(curve, points, objective, held).Fit();
        var resamples = CurveBootstrap.Run(points, fit, held, bootstrap);
        string[] names = [.. curve.Parameters.Select(p => p.Name)];
        bool several = resamples.Parameters.Count > 1;
        double[][] columns = [.. names.Select((_, k) => resamples.Parameters.Select(r => r[k]).ToArray())];
        var free = names.Zip(columns).Where(p => several && !held.ContainsKey(p.First)).ToArray();
        var intervals = free.ToDictionary(p => p.First, p => Ends(Interval.Percentile(p.Second, level)!.Value));
        var at = AtDocuments.Curve(points, fit, held, resamples, request, level);
        int[] profiled = [.. Enumerable.Range(0, names.Length).Where(k => request.Profile is not null && !held.ContainsKey(names[k]))];
        LikelihoodProfile?[] profiles = request.Profile is { } criterion ? CurveProfiles.Trace(points, fit, held, [.. profiled.Select(k => CurveProfiles.Parameter(curve, k))], level, criterion) : [];
        return new FitDocument
        {
            Law = curve.Name,
            Formula = curve.Formula,
            Approach = "parametric",
            Observations = points.Count,
            Count = FitDocuments.Name(points.ParameterCount),
            FlopsPerParameterToken = Span(points.Parameters).Length > 0 && Span(points.Tokens).Length > 0 ? points.FlopsPerParameterToken : ChinchillaLaw.SixNd,
            Objective = ObjectiveDocument.Of(objective, fit.Value, points),
            Parameters = ByName(names, fit.Parameters),
            StandardErrors = free.ToDictionary(p => p.First, p => MathNet.Numerics.Statistics.Statistics.StandardDeviation(p.Second)),
            Intervals = intervals,
            Level = level,
            Bootstrap = new(bootstrap.Resamples == 0 ? "none" : FitDocuments.Camel(resamples.Kind), bootstrap.Resamples, bootstrap.Seed, resamples.Elapsed.TotalSeconds, resamples.Failed),
            Solver = new(FitDocuments.Camel(fit.Outcome.Reason), fit.Starts, fit.StartsAgreeing, double.IsFinite(fit.Outcome.GradientNorm) ? fit.Outcome.GradientNorm : null,
                double.IsFinite(fit.Condition) ? fit.Condition : null, [.. fit.OtherBasins.Select(b => new BasinDocument(b.Objective, b.Starts, ByName(names, b.Parameters)))], fit.Outcome.Evaluations),
            Optimum = new(null, null, null, null),
            Optima = [],
            Range = new(Span(points.Parameters), Span(points.Tokens), Span(points.Flops), Span(points.GivenLoss ?? points.Loss)),
            Comparison = LawComparison.Of(points, fit, held),
            Profile = request.Profile is null ? null : profiled.Zip(profiles).ToDictionary(p => names[p.First], p => LikelihoodProfileDocument.Of(fit.Parameters[p.First], p.Second)),
            At = at,
            Warnings = [.. CurveWarnings.All(points, fit, resamples, intervals, held), .. FitWarnings.OfProfiles(profiles), .. AtDocuments.Warnings(at)],
            Seconds = clock.Elapsed.TotalSeconds,
            Resamples = several ? new(names, [.. resamples.Parameters.Select(r => r.ToArray())]) : null,
        };
    }

    private static double[] Ends(Interval interval) => [interval.Low, interval.High];

    private static Dictionary<string, double> ByName(string[] names, IReadOnlyList<double> values) => names.Zip(values).ToDictionary(p => p.First, p => p.Second);

    // Empty for a column that the source does not have.
    private static double[] Span(double[] values) => values.Min() > 0 ? [values.Min(), values.Max()] : [];
}
