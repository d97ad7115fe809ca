using System.Diagnostics;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Laws.Envelope;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Reports;

/// <summary>From points to the document of Approach 1.</summary>
public static class EnvelopeDocuments
{
    private const double ManyAtEdge = 0.5;
    private const double FailedShare = 0.01;

    /// <summary>Draws the envelope, resamples, computes the bias, warns.</summary>
    /// <exception cref="UserErrorException">The runs give no power laws.</exception>
    public static FitDocument Build(FitPoints points, EnvelopeOptions options, double level = FitDocuments.DefaultLevel)
    {
        var clock = Stopwatch.StartNew();
        var fit = EnvelopeFitter.Fit(points, options);
        if (fit.OptimalParameters is not { } n || fit.OptimalTokens is not { } d)
            throw Refused(fit);
        FitDocuments.RefuseOverflow(points, n, d);
        var bias = Bias(points, options.Kind);
        double high = points.Flops.Max(), from = fit.Points[0].Flops, to = fit.Points[^1].Flops;
        var optima = Budgets.For(points).Where(c => c >= from).Select(c => new OptimumAtDocument(c, n.At(c), d.At(c), LossAt(fit, c),
            FitDocuments.Ends(fit.ParametersInterval(c, level)), FitDocuments.Ends(fit.TokensInterval(c, level)), null, c / high)).ToArray();
        var values = new Dictionary<string, double> { ["exponentN"] = n.Exponent, ["coefficientN"] = n.Coefficient, ["exponentD"] = d.Exponent, ["coefficientD"] = d.Coefficient };
        double[][] rows = [.. fit.ResampledParameters.Zip(fit.ResampledTokens, (rn, rd) => new[] { rn.Exponent, rn.Coefficient, rd.Exponent, rd.Coefficient })];
        double[][] columns = rows.Length < 2 ? [] : [.. values.Select((_, k) => rows.Select(r => r[k]).ToArray())];
        var resampled = values.Keys.Zip(columns).ToArray();
        return new FitDocument
        {
            Law = "chinchilla",
            Approach = "envelope",
            Curve = FitDocuments.Camel(options.Kind),
            Observations = points.Count,
            Count = FitDocuments.Name(points.ParameterCount),
            FlopsPerParameterToken = points.FlopsPerParameterToken,
            Objective = new("log-mse", null, "sum", fit.Points.Sum(p => Math.Pow(Math.Log(p.Parameters / n.At(p.Flops)), 2))),
            Parameters = values,
            StandardErrors = resampled.ToDictionary(r => r.First, r => MathNet.Numerics.Statistics.Statistics.StandardDeviation(r.Second)),
            Intervals = resampled.ToDictionary(r => r.First, r => FitDocuments.Ends(Interval.Percentile(r.Second, level))!),
            Level = level,
            Bootstrap = new(fit.Resampled is { } kind ? FitDocuments.Camel(kind) : "none", options.Bootstrap.Resamples, options.Bootstrap.Seed, fit.Elapsed.TotalSeconds, fit.Failed),
            Solver = new("closedForm", 1, 1, null, null, [], 0),
            Optimum = new(n.Exponent, d.Exponent, FitDocuments.Ends(fit.ExponentNInterval(level)), FitDocuments.Ends(fit.ExponentDInterval(level))),
            Optima = optima,
            Range = FitDocuments.RangeOf(points),
            Envelope = new(FitDocuments.Camel(fit.Kind), fit.Runs, fit.Points.Count, fit.Sizes, fit.EdgeShare, [.. Steps(fit)]),
            Bias = bias,
            Warnings = [.. Warnings(points, fit, bias, level), .. FitWarnings.OfOptima(points, optima)],
            Seconds = clock.Elapsed.TotalSeconds,
            Resamples = rows.Length == 0 ? null : new([.. values.Keys], rows),
        };
    }

    private static IEnumerable<string> Warnings(FitPoints points, EnvelopeFit fit, BiasDocument? bias, double level)
    {
        if (fit.EdgeShare > ManyAtEdge)
            yield return FormattableString.Invariant($"at {fit.EdgeShare * 100:0} % of the budgets the best run is the smallest or the largest there: those are left out; train smaller and larger models for as long");
        if (fit.Sizes == EnvelopeOptions.FewestSizes)
            yield return $"the envelope rests on {fit.Sizes} sizes only: its exponents are rough";
        if (bias is { } b && FitDocuments.Matters(b))
            yield return FitDocuments.Biased("on these runs Approach 1", b);
        if (bias is null)
            yield return "the bias of Approach 1 on these runs could not be computed: compare with --approach parametric";
        int total = fit.ResampledParameters.Count + fit.Failed;
        if (fit.Failed > FailedShare * total)
            yield return $"{fit.Failed} of {total} resamples left fewer than {EnvelopeOptions.FewestSizes} sizes on the envelope: intervals leave them out";
        if (fit.ExponentNInterval(level) is { } interval && !interval.Contains(fit.OptimalParameters!.Value.Exponent))
            yield return "the exponent of N lies outside its own interval: resamples, which miss runs, all lie to one side of it";
        if (fit.Resampled == BootstrapKind.Cluster && points.ClusterCount < 8)
            yield return $"only {points.ClusterCount} clusters to resample: intervals are rough";
    }

    // Loss on the envelope at the point nearest to a budget; null outside it.
    private static double? LossAt(EnvelopeFit fit, double flops) =>
        fit.Kind == EnvelopeKind.Hull || flops < fit.Points[0].Flops || flops > fit.Points[^1].Flops ? null : fit.Points.MinBy(p => Math.Abs(Math.Log(p.Flops / flops))).Loss;

    private static IEnumerable<EnvelopeStepDocument> Steps(EnvelopeFit fit)
    {
        for (int start = 0, end; start < fit.Points.Count; start = end)
        {
            end = start + 1;
            while (end < fit.Points.Count && fit.Points[end].Parameters == fit.Points[start].Parameters)
                end++;
            (EnvelopePoint a, EnvelopePoint b) = (fit.Points[start], fit.Points[end - 1]);
            yield return new(a.Parameters, [a.Flops, b.Flops], [a.Tokens, b.Tokens], [a.Loss, b.Loss]);
        }
    }

    private static BiasDocument? Bias(FitPoints points, EnvelopeKind kind)
    {
        if (points.DistinctPairs < ChinchillaLaw.ParameterNames.Count)
            return null;
        var law = ChinchillaFitter.Fit(points);
        return law.Converged ? FitDocuments.Told(EnvelopeBias.Of(points, law.Law, kind)) : null;
    }

    private static UserErrorException Refused(EnvelopeFit fit) => new(ExitCode.CorruptData, new Diagnostic("SL0410", $"Approach 1: {fit.Reason}", Help: fit.Refusal switch
    {
        EnvelopeRefusal.TooFewCurves => "give several losses of each run on its way, and the column that names the run with --columns run=...; or use --curve hull, which takes single points",
        _ => "train more sizes past the same budgets, smaller and larger ones among them; or use --approach parametric",
    }));
}
