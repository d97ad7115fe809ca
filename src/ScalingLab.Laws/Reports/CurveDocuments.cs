using System.Diagnostics;
using System.Globalization;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Reports;

/// <summary>From points to the document of a law other than Chinchilla's.</summary>
public static class CurveDocuments
{
    private const double NarrowRange = 3;
    private const double LargeCondition = 1e6;
    private const double WideDecay = 5; // High over low end of an interval of rd or rn.

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
            Objective = new(objective.Name, objective.Delta, objective.Reduction, fit.Value, objective.Asymmetry),
            Parameters = ByName(names, fit.Parameters),
            StandardErrors = free.ToDictionary(p => p.First, p => MathNet.Numerics.Statistics.Statistics.StandardDeviation(p.Second)),
            Intervals = intervals,
            Level = level,
            Bootstrap = new(bootstrap.Resamples == 0 ? "none" : FitDocuments.Camel(resamples.Kind), bootstrap.Resamples, bootstrap.Seed, resamples.Elapsed.TotalSeconds, resamples.Failed),
            Solver = new(FitDocuments.Camel(fit.Outcome.Reason), fit.Starts, fit.StartsAgreeing, double.IsFinite(fit.Outcome.GradientNorm) ? fit.Outcome.GradientNorm : null,
                double.IsFinite(fit.Condition) ? fit.Condition : null, [.. fit.OtherBasins.Select(b => new BasinDocument(b.Objective, b.Starts, ByName(names, b.Parameters)))], fit.Outcome.Evaluations),
            Optimum = new(null, null, null, null),
            Optima = [],
            Range = new(Span(points.Parameters), Span(points.Tokens), Span(points.Flops), Span(points.Loss)),
            Profile = request.Profile is null ? null : profiled.Zip(profiles).ToDictionary(p => names[p.First], p => LikelihoodProfileDocument.Of(fit.Parameters[p.First], p.Second)),
            At = at,
            Warnings = [.. Warnings(points, fit, resamples, intervals, held), .. FitWarnings.OfProfiles(profiles), .. AtDocuments.Warnings(at)],
            Seconds = clock.Elapsed.TotalSeconds,
            Resamples = several ? new(names, [.. resamples.Parameters.Select(r => r.ToArray())]) : null,
        };
    }

    private static IEnumerable<string> Warnings(FitPoints points, CurveFit fit, CurveResamples resamples, Dictionary<string, double[]> intervals, IReadOnlyDictionary<string, double> held)
    {
        foreach ((Inputs input, double[] values, string name) in new[] { (Inputs.Parameters, points.Parameters, "N"), (Inputs.Tokens, points.Tokens, "D"), (Inputs.Flops, points.Flops, "C") })
        {
            double spread = values.Max() / values.Min();
            if (fit.Curve.Inputs.HasFlag(input) && spread < NarrowRange)
                yield return Text($"{name} spans only a factor of {spread:0.##}: its exponent is poorly determined");
        }
        if (fit.Curve.Inputs.HasFlag(Inputs.UniqueTokens) && points.Tokens.Zip(points.UniqueTokens).All(p => p.First <= p.Second))
            yield return "no observation repeats its tokens: rd and rn cannot be told";
        if (!fit.Outcome.Converged)
            yield return $"the solver stopped before a minimum ({fit.Outcome.Reason})";
        foreach (string name in fit.AtBound)
            yield return $"{name} is at the end of its range: the data do not determine it";
        if (fit.OtherBasins.Count > 0 && fit.OtherBasins[0].Objective < fit.Value * 1.01)
            yield return "another minimum lies within 1 % of the reported one with different parameters; see solver.basins";
        if (!(fit.Condition < LargeCondition))
            yield return double.IsFinite(fit.Condition) ? Text($"condition number {fit.Condition:0.#e0}: some parameters can hardly be told apart") : "some parameters cannot be told apart: the condition number is infinite";
        foreach (string name in new[] { "rd", "rn" })
        {
            if (!held.ContainsKey(name) && intervals.TryGetValue(name, out double[]? ends) && ends[1] > WideDecay * ends[0])
                yield return Text($"{name} lies anywhere from {ends[0]:0.#} to {ends[1]:0.#}: these data do not identify it");
        }
        if (points.Clustered && resamples is { Kind: BootstrapKind.Case, Parameters.Count: > 0 })
            yield return "several observations share a run, but single observations were resampled: intervals are too narrow; use --bootstrap-kind cluster";
        if (resamples.Failed * 100 > resamples.Failed + resamples.Parameters.Count)
            yield return $"{resamples.Failed} of {resamples.Failed + resamples.Parameters.Count} resamples gave no fit: intervals leave them out and are too narrow";
    }

    private static double[] Ends(Interval interval) => [interval.Low, interval.High];

    private static Dictionary<string, double> ByName(string[] names, IReadOnlyList<double> values) => names.Zip(values).ToDictionary(p => p.First, p => p.Second);

    // Empty for a column that the source does not have.
    private static double[] Span(double[] values) => values.Min() > 0 ? [values.Min(), values.Max()] : [];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
