using System.Diagnostics;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Units;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Reports;

/// <summary>From points to the whole document: fit, resample, read off optima, warn.</summary>
public static class FitDocuments
{
    /// <summary>Share of resamples that the default intervals hold.</summary>
    public const double DefaultLevel = 0.95;

    private const double BiasedExponent = 0.002; // A seventh of the narrowest published 95 % interval of this exponent: Porian et al. 2024, .491 to .505.
    private const double BiasedOptimum = 0.05;

    /// <summary>Approach 3 of Hoffmann et al. 2022: the law fitted to all observations at once.</summary>
    /// <param name="points">Data.</param>
    /// <param name="options">How the law is fitted.</param>
    /// <param name="bootstrap">Bootstrap.</param>
    /// <param name="level">Level of all intervals.</param>
    /// <param name="request">Further intervals.</param>
    public static FitDocument Parametric(FitPoints points, ChinchillaFitOptions options, BootstrapOptions bootstrap, double level = DefaultLevel, IntervalRequest? request = null)
    {
        request ??= IntervalRequest.None;
        var clock = Stopwatch.StartNew();
        var fit = ChinchillaFitter.Fit(points, options);
        var resamples = ChinchillaBootstrap.Run(points, fit, options, bootstrap);
        var optima = Optima(points, fit.Law, resamples, level);
        bool optimal = fit.Law is { A: > 0, B: > 0 };
        var at = AtDocuments.Chinchilla(points, fit, options, resamples, request, level);
        LikelihoodProfile?[]? profiles = request.Profile is { } criterion
            ? ChinchillaProfiles.Trace(points, fit, options, q => [.. ChinchillaLaw.ParameterNames.Where(n => !options.Fixed.ContainsKey(n)).Select(q.Parameter), q.ExponentN, q.ExponentD], level, criterion)
            : null;
        return new FitDocument
        {
            Law = "chinchilla",
            Approach = "parametric",
            Observations = points.Count,
            Count = Name(points.ParameterCount),
            FlopsPerParameterToken = points.FlopsPerParameterToken,
            Objective = ObjectiveDocument.Of(fit.Objective, fit.Value, points),
            Parameters = Parameters(fit.Law),
            StandardErrors = ByName(name => resamples.StandardError(l => l.Parameter(name))),
            Intervals = ByName(name => Ends(resamples.Interval(l => l.Parameter(name), level))),
            Level = level,
            Bootstrap = new(bootstrap.Resamples == 0 ? "none" : Camel(resamples.Kind), bootstrap.Resamples, bootstrap.Seed, resamples.Elapsed.TotalSeconds, resamples.Failed),
            Solver = new(Camel(fit.Reason), fit.Starts, fit.StartsAgreeing, Finite(fit.GradientNorm), Finite(fit.Condition),
                [.. fit.OtherBasins.Select(b => new BasinDocument(b.Objective, b.Starts, Parameters(b.Law)))], fit.Evaluations),
            Optimum = optimal
                ? new(fit.Law.ExponentN, fit.Law.ExponentD, Ends(resamples.Interval(l => l.ExponentN, level)), Ends(resamples.Interval(l => l.ExponentD, level)))
                : new(null, null, null, null),
            Optima = optima,
            Range = RangeOf(points),
            Profile = profiles is null ? null : ProfilesByName(profiles, fit.Law, options),
            At = at,
            Warnings = [.. FitWarnings.OfData(points, options.Fixed), .. CurveWarnings.OfWeights(points, options.Objective), .. FitWarnings.OfFit(points, fit),
                .. resamples.Laws.Count + resamples.Failed == 0 ? [] : FitWarnings.OfResamples(points, resamples, level), .. FitWarnings.OfOptima(points, optima),
                .. FitWarnings.OfProfiles(profiles ?? []), .. AtDocuments.Warnings(at)],
            Seconds = clock.Elapsed.TotalSeconds,
            Resamples = resamples.Laws.Count == 0 ? null
                : new(ChinchillaLaw.ParameterNames, [.. resamples.Laws.Select(l => ChinchillaLaw.ParameterNames.Select(l.Parameter).ToArray())]),
        };
    }

    /// <summary>Approach 2: power laws through the optima of isoFLOP profiles.</summary>
    /// <exception cref="UserErrorException">Fewer than two budgets have an interior minimum; every refusal is listed.</exception>
    public static FitDocument IsoFlop(FitPoints points, IsoFlopOptions options, double level = DefaultLevel)
    {
        var clock = Stopwatch.StartNew();
        var fit = IsoFlopFitter.Fit(points, options);
        if (fit.OptimalParameters is not { } n || fit.OptimalTokens is not { } d)
            throw Refused(fit);
        RefuseOverflow(points, n, d);
        var accepted = fit.Accepted.ToArray();
        var bias = Bias(points, fit, options);
        double high = points.Flops.Max();
        var optima = accepted.Select(p => p.Flops).Concat(Budgets.For(points).Where(c => c > high * Budgets.Rounding)).Select(c => new OptimumAtDocument(c, n.At(c), d.At(c),
            accepted.FirstOrDefault(p => p.Flops == c)?.OptimumLoss,
            Ends(Interval.Percentile(fit.ResampledParameters.Select(p => p.At(c)), level)), Ends(Interval.Percentile(fit.ResampledTokens.Select(p => p.At(c)), level)), null, c / high)).ToArray();
        var values = new Dictionary<string, double> { ["exponentN"] = n.Exponent, ["coefficientN"] = n.Coefficient, ["exponentD"] = d.Exponent, ["coefficientD"] = d.Coefficient };
        Dictionary<string, IEnumerable<double>> resampled = new()
        {
            ["exponentN"] = fit.ResampledParameters.Select(p => p.Exponent),
            ["coefficientN"] = fit.ResampledParameters.Select(p => p.Coefficient),
            ["exponentD"] = fit.ResampledTokens.Select(p => p.Exponent),
            ["coefficientD"] = fit.ResampledTokens.Select(p => p.Coefficient),
        };
        bool intervals = fit.ResampledParameters.Count > 1 && accepted.Length >= 3;
        return new FitDocument
        {
            Law = "chinchilla",
            Approach = "isoflop",
            Curve = Camel(options.Curve),
            Observations = points.Count,
            Count = Name(points.ParameterCount),
            FlopsPerParameterToken = points.FlopsPerParameterToken,
            Objective = new("mse", null, "sum", IsoFlopFitter.SquaredResiduals(fit.Profiles)),
            Parameters = values,
            StandardErrors = intervals ? resampled.ToDictionary(r => r.Key, r => MathNet.Numerics.Statistics.Statistics.StandardDeviation(r.Value)) : new(),
            Intervals = intervals ? resampled.ToDictionary(r => r.Key, r => Ends(Interval.Percentile(r.Value, level))!) : new(),
            Level = level,
            Bootstrap = new(fit.Kind is { } kind ? Camel(kind) : "none", options.Bootstrap.Resamples, options.Bootstrap.Seed, fit.Elapsed.TotalSeconds, fit.Failed),
            Solver = new("closedForm", 1, 1, null, null, [], 0),
            Optimum = new(n.Exponent, d.Exponent, Ends(fit.ExponentNInterval(level)), Ends(fit.ExponentDInterval(level))),
            Optima = optima,
            Range = RangeOf(points),
            Profiles = [.. fit.Profiles.Select(p => new ProfileDocument(p.Flops, p.Loss.Count, p.Optimum?.Parameters, p.Optimum?.Tokens, p.OptimumLoss, p.Reason))],
            Bias = bias,
            Warnings = [.. IsoFlopWarnings(fit, options, accepted.Length, bias), .. points.WeightColumn is null ? Array.Empty<string>() : ["the observations have weights, which Approach 2 does not use"], .. FitWarnings.OfOptima(points, optima)],
            Seconds = clock.Elapsed.TotalSeconds,
            Resamples = fit.ResampledParameters.Count == 0 ? null : new([.. values.Keys],
                [.. fit.ResampledParameters.Zip(fit.ResampledTokens, (rn, rd) => new[] { rn.Exponent, rn.Coefficient, rd.Exponent, rd.Coefficient })]),
        };
    }

    /// <summary>Optimum at the budgets of <see cref="Budgets"/>; none when the law has no interior optimum.</summary>
    public static IReadOnlyList<OptimumAtDocument> Optima(FitPoints points, ChinchillaLaw law, ChinchillaResamples resamples, double level)
    {
        if (law is not { A: > 0, B: > 0 })
            return [];
        double k = points.FlopsPerParameterToken, high = points.Flops.Max();
        return [.. Budgets.For(points).Select(c =>
        {
            var best = law.ComputeOptimal(new Flops(c), k);
            Allocation[] others = [.. resamples.Laws.Select(l => l.ComputeOptimal(new Flops(c), k))];
            var losses = resamples.Laws.Zip(others, (l, o) => l.Loss(o.Parameters, o.Tokens).Value);
            return new OptimumAtDocument(c, best.Parameters, best.Tokens, law.Loss(best.Parameters, best.Tokens).Value,
                Ends(Interval.Percentile(others.Select(o => o.Parameters), level)), Ends(Interval.Percentile(others.Select(o => o.Tokens), level)),
                Ends(Interval.Percentile(losses, level)), c / high);
        })];
    }

    /// <summary>Name of a count in files and on the command line.</summary>
    public static string Name(ParameterCount count) => count switch
    {
        ParameterCount.NonEmbedding => "non-embedding",
        ParameterCount.WithHead => "with-head",
        _ => "total",
    };

    private static IEnumerable<string> IsoFlopWarnings(IsoFlopFit fit, IsoFlopOptions options, int accepted, BiasDocument? bias)
    {
        foreach (var group in fit.Profiles.Where(p => p.Refusal is not null).GroupBy(p => p.Refusal))
        {
            yield return group.Count() == 1
                ? FormattableString.Invariant($"budget {group.First().Flops:0.##e0} is left out: {group.First().Reason}")
                : FormattableString.Invariant($"{group.Count()} budgets are left out, first {group.First().Flops:0.##e0}: {group.First().Reason}");
        }
        if (accepted < 3)
            yield return "only two budgets have an optimum: the exponent has no interval";
        if (fit.NoiseSd is { } sd && options.Bootstrap.NoiseSd == 0)
            yield return FormattableString.Invariant($"intervals rest on noise of {sd:0.####} nats a loss, estimated from neighbouring sizes; give --noise SD from repeated seeds if you have them");
        if (bias is { } b && Matters(b))
            yield return Biased("on this grid Approach 2", b);
        if (bias is null && options.Curve == Curve.Parabola)
            yield return "parabolas bias Approach 2 when the sizes lie wide or off centre: compare with --approach parametric";
        if (fit.Failed > 0)
            yield return $"{fit.Failed} resamples left fewer than two optima";
    }

    internal static string Biased(string approach, BiasDocument b) =>
        FormattableString.Invariant($"{approach} is biased: were the losses those of the fitted Chinchilla law, it would miss the exponent of N by {b.ExponentN:+0.0000;-0.0000}, ")
        + FormattableString.Invariant($"and N by a factor of {b.ParamsRatio:0.###} at the largest budget and {b.ParamsRatioBeyond:0.###} at {ApproachBias.Beyond:0} times it");

    // The law that stands for the truth is the one fitted to the same observations; without one there is nothing to compare with.
    private static BiasDocument? Bias(FitPoints points, IsoFlopFit fit, IsoFlopOptions options)
    {
        if (points.DistinctPairs < ChinchillaLaw.ParameterNames.Count)
            return null;
        var law = ChinchillaFitter.Fit(points);
        return law.Converged ? Told(IsoFlopBias.Of(fit, law.Law, options.Curve, points.FlopsPerParameterToken)) : null;
    }

    // Null also where the law's own optimum leaves the range of numbers.
    internal static BiasDocument? Told(ApproachBias? bias) => bias is null || !double.IsFinite(bias.ExponentN + bias.ExponentD + bias.ParametersRatio + bias.ParametersRatioBeyond) ? null : new(bias.ExponentN, bias.ExponentD, bias.ParametersRatio, bias.ParametersRatioBeyond, bias.Budgets);

    /// <summary>Whether a bias is large enough to warn of.</summary>
    internal static bool Matters(BiasDocument bias) => Math.Abs(bias.ExponentN) > BiasedExponent || Math.Abs(Math.Log(bias.ParamsRatioBeyond)) > BiasedOptimum;

    internal static void RefuseOverflow(FitPoints points, PowerLaw n, PowerLaw d)
    {
        double c = points.Flops.Max();
        if (!(double.IsFinite(n.At(c)) && double.IsFinite(d.At(c)) && n.Coefficient > 0 && d.Coefficient > 0))
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0408", FormattableString.Invariant($"the optima lie too close in cost for a power law: the exponent of N would be {n.Exponent:0.#}"), Help: "train budgets a factor of 3 or more apart; or use --approach parametric"));
    }

    private static UserErrorException Refused(IsoFlopFit fit)
    {
        int able = fit.Accepted.Count();
        var reasons = fit.Profiles.Where(p => p.Refusal != ProfileRefusal.TooFewPoints && p.Refusal is not null).Take(8)
            .Select(p => new Diagnostic("SL0409", FormattableString.Invariant($"budget {p.Flops:0.###e0}: {p.Reason}")));
        return new UserErrorException(ExitCode.CorruptData, [
            new Diagnostic("SL0408", $"Approach 2 needs two budgets with an interior minimum; {able} of {fit.Profiles.Count} have one",
                Help: "train three or more sizes at each budget, on both sides of the minimum; or use --approach parametric"),
            .. reasons]);
    }

    private static Dictionary<string, LikelihoodProfileDocument> ProfilesByName(LikelihoodProfile?[] profiles, ChinchillaLaw law, ChinchillaFitOptions options)
    {
        (string Name, double Estimate)[] wanted = [.. ChinchillaLaw.ParameterNames.Where(n => !options.Fixed.ContainsKey(n)).Select(n => (n, law.Parameter(n))), ("exponentN", law.ExponentN), ("exponentD", law.ExponentD)];
        return wanted.Zip(profiles).ToDictionary(p => p.First.Name, p => LikelihoodProfileDocument.Of(p.First.Estimate, p.Second));
    }

    internal static RangeDocument RangeOf(FitPoints points) => new(Span(points.Parameters), Span(points.Tokens), Span(points.Flops), Span(points.Loss));

    private static double[] Span(double[] values) => [values.Min(), values.Max()];

    private static Dictionary<string, double> Parameters(ChinchillaLaw law) => ChinchillaLaw.ParameterNames.ToDictionary(name => name, law.Parameter);

    private static Dictionary<string, T> ByName<T>(Func<string, T?> value) where T : class
    {
        var all = new Dictionary<string, T>();
        foreach (string name in ChinchillaLaw.ParameterNames)
        {
            if (value(name) is { } found)
                all[name] = found;
        }
        return all;
    }

    private static Dictionary<string, double> ByName(Func<string, double?> value)
    {
        var all = new Dictionary<string, double>();
        foreach (string name in ChinchillaLaw.ParameterNames)
        {
            if (value(name) is { } found)
                all[name] = found;
        }
        return all;
    }

    internal static double[]? Ends(Interval? interval) => interval is { } i ? [i.Low, i.High] : null;

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    internal static string Camel<T>(T value) where T : struct, Enum
    {
        string name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
