using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Units;
using ScalingLab.Laws.Envelope;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Reports;

/// <summary>The three approaches of Hoffmann et al. 2022 on the same data: where they disagree, none should be quoted alone.</summary>
public static class SideBySide
{
    /// <summary>Resamples of each approach that was not asked for: enough for a glance.</summary>
    public const int Resamples = 200;

    /// <summary>The document with all approaches in it; its own row rests on its own resamples.</summary>
    /// <param name="document">Fit of the Chinchilla law by any approach.</param>
    /// <param name="points">The observations it was made from.</param>
    /// <param name="bootstrap">Seed and threads of the others' resamples.</param>
    public static FitDocument Compare(FitDocument document, FitPoints points, BootstrapOptions bootstrap)
    {
        double level = document.Level;
        var few = bootstrap with { Resamples = Math.Min(bootstrap.Resamples, Resamples), Kind = null };
        var parametric = document.Approach == "parametric" ? Own(document, points) : Parametric(points, few, level);
        var law = document.Approach == "parametric" ? LawOf(document) : Fitted(points);
        var rows = new List<ApproachDocument> { parametric };
        foreach (Curve curve in new[] { Curve.Parabola, Curve.Akima })
        {
            rows.Add(document.Profiles is not null && document.Curve == FitDocuments.Camel(curve) ? Own(document, points)
                : IsoFlop(points, IsoFlopFitter.Fit(points, new IsoFlopOptions { Curve = curve, Bootstrap = few }), curve, law, few, level));
        }
        foreach (EnvelopeKind kind in new[] { EnvelopeKind.Minimum, EnvelopeKind.Hull })
        {
            rows.Add(document.Envelope is not null && document.Curve == FitDocuments.Camel(kind) ? Own(document, points)
                : Envelope(points, EnvelopeFitter.Fit(points, new EnvelopeOptions { Kind = kind, Bootstrap = few }), law, few, level));
        }
        return document with { Approaches = [.. rows.Select(Finite)] };
    }

    /// <summary>The row, or a refusal where its power law leaves the range of numbers: two budgets a few percent apart can give an exponent of 100.</summary>
    internal static ApproachDocument Finite(ApproachDocument row)
    {
        double?[] values = [row.ExponentN, row.ExponentD, row.Params, row.Tokens];
        return row.Refusal is not null || values.All(v => v is { } value && double.IsFinite(value)) ? row
            : new(row.Approach, row.Curve, null, null, null, null, row.Flops, null, null, null, null, 0, null, null, "the optima lie too close in cost for a power law");
    }

    private static ApproachDocument Parametric(FitPoints points, BootstrapOptions bootstrap, double level)
    {
        try
        {
            return Own(FitDocuments.Parametric(points, new ChinchillaFitOptions(), bootstrap, level), points);
        }
        catch (UserErrorException error)
        {
            return Refused("parametric", null, points, error.Diagnostics[0].Message);
        }
    }

    internal static ApproachDocument IsoFlop(FitPoints points, IsoFlopFit fit, Curve curve, ChinchillaLaw? law, BootstrapOptions bootstrap, double level)
    {
        string name = FitDocuments.Camel(curve);
        int accepted = fit.Accepted.Count();
        if (fit.OptimalParameters is not { } n || fit.OptimalTokens is not { } d)
            return Refused("isoflop", name, points, $"needs two budgets with an interior minimum; {accepted} of {fit.Profiles.Count} have one");
        double c = points.Flops.Max();
        return new("isoflop", name, n.Exponent, FitDocuments.Ends(fit.ExponentNInterval(level)), d.Exponent, FitDocuments.Ends(fit.ExponentDInterval(level)),
            c, n.At(c), FitDocuments.Ends(Interval.Percentile(fit.ResampledParameters.Select(p => p.At(c)), level)), d.At(c), FitDocuments.Ends(Interval.Percentile(fit.ResampledTokens.Select(p => p.At(c)), level)),
            bootstrap.Resamples, $"{accepted} of {fit.Profiles.Count} budgets", law is null ? null : FitDocuments.Told(IsoFlopBias.Of(fit, law, curve, points.FlopsPerParameterToken)), null);
    }

    internal static ApproachDocument Envelope(FitPoints points, EnvelopeFit fit, ChinchillaLaw? law, BootstrapOptions bootstrap, double level)
    {
        string name = FitDocuments.Camel(fit.Kind);
        if (fit.OptimalParameters is not { } n || fit.OptimalTokens is not { } d)
            return Refused("envelope", name, points, fit.Reason!);
        double c = points.Flops.Max();
        return new("envelope", name, n.Exponent, FitDocuments.Ends(fit.ExponentNInterval(level)), d.Exponent, FitDocuments.Ends(fit.ExponentDInterval(level)),
            c, n.At(c), FitDocuments.Ends(fit.ParametersInterval(c, level)), d.At(c), FitDocuments.Ends(fit.TokensInterval(c, level)), bootstrap.Resamples, Basis(fit.Sizes),
            law is null ? null : FitDocuments.Told(EnvelopeBias.Of(points, law, fit.Kind)), null);
    }

    // The row of the approach that was asked for, out of its document.
    private static ApproachDocument Own(FitDocument document, FitPoints points)
    {
        if (document.Optimum is not { ExponentN: { } a, ExponentD: { } b })
            return Refused(document.Approach, document.Curve, points, "the fitted law has no interior optimum");
        double c = points.Flops.Max();
        var others = document.Resamples?.Values.Select(row => OptimumOf(name => row[Index(document.Resamples.Names, name)])).ToArray() ?? [];
        var best = OptimumOf(name => document.Parameters[name]);
        string basis = document.Envelope is { } e ? Basis(e.Sizes)
            : document.Profiles is { } profiles ? $"{profiles.Count(p => p.Refusal is null)} of {profiles.Count} budgets" : $"{document.Observations} observations";
        return new(document.Approach, document.Curve, a, document.Optimum.ExponentNInterval, b, document.Optimum.ExponentDInterval,
            c, best.Parameters, FitDocuments.Ends(Interval.Percentile(others.Select(o => o.Parameters), document.Level)), best.Tokens, FitDocuments.Ends(Interval.Percentile(others.Select(o => o.Tokens), document.Level)),
            document.Bootstrap.Resamples, basis, document.Bias, null);

        Allocation OptimumOf(Func<string, double> value) => document.Approach == "parametric"
            ? LawOf(value).ComputeOptimal(new Flops(c), document.FlopsPerParameterToken)
            : new(new PowerLaw(value("coefficientN"), value("exponentN")).At(c), new PowerLaw(value("coefficientD"), value("exponentD")).At(c));
    }

    internal static ApproachDocument Refused(string approach, string? curve, FitPoints points, string why) =>
        new(approach, curve, null, null, null, null, points.Flops.Max(), null, null, null, null, 0, null, null, why);

    private static string Basis(int sizes) => $"{sizes} sizes";

    private static int Index(IReadOnlyList<string> names, string name) => names.ToList().IndexOf(name);

    private static ChinchillaLaw LawOf(FitDocument document) => LawOf(name => document.Parameters[name]);

    private static ChinchillaLaw LawOf(Func<string, double> value) => new(value("E"), value("A"), value("B"), value("alpha"), value("beta"));

    private static ChinchillaLaw? Fitted(FitPoints points) =>
        points.DistinctPairs >= ChinchillaLaw.ParameterNames.Count && ChinchillaFitter.Fit(points) is { Converged: true } fit ? fit.Law : null;
}
