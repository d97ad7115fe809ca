using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Units;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Reports;

/// <summary>What a fitted law says at points that were asked for, with the interval of its loss and that of a new run.</summary>
public static class AtDocuments
{
    private const double Margin = 1.0001; // A point counts as outside the data beyond rounding.

    /// <summary>Chinchilla's law.</summary>
    /// <exception cref="UserErrorException">A point does not name a budget, nor a model with its tokens; or the law has no optimum.</exception>
    public static IReadOnlyList<AtDocument>? Chinchilla(FitPoints points, ChinchillaFit fit, ChinchillaFitOptions options, ChinchillaResamples resamples, IntervalRequest request, double level)
    {
        if (request.At.Count == 0)
            return null;
        double[] predicted = [.. Enumerable.Range(0, points.Count).Select(i => fit.Law.Loss(points.Parameters[i], points.Tokens[i]).Value)];
        var noise = RunNoise.Of(points, predicted, fit.Objective.Scale, 5 - options.Fixed.Count);
        double k = points.FlopsPerParameterToken;
        return [.. request.At.Select(One)];

        AtDocument One(AtPoint at)
        {
            (AtPoint full, bool optimal) = Complete(at, k);
            if (optimal && fit.Law is not { A: > 0, B: > 0 })
                throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0410", "the fitted law has no optimum: A or B is 0", Help: "ask at a model and its tokens, as in --at params=7e9,tokens=1e12"));
            var budget = new Flops(full.Flops!.Value);
            var best = optimal ? fit.Law.ComputeOptimal(budget, k) : new Allocation(full.Params!.Value, full.Tokens!.Value);
            double loss = fit.Law.Loss(best.Parameters, best.Tokens).Value;
            double[]? Ends(Func<ChinchillaLaw, double> quantity) => AtDocuments.Ends(resamples.Interval(quantity, level));
            double OwnLoss(ChinchillaLaw law)
            {
                var own = optimal ? law.ComputeOptimal(budget, k) : best;
                return law.Loss(own.Parameters, own.Tokens).Value;
            }
            var prediction = NewRun.Prediction(resamples.Laws.Select(l => l.Loss(best.Parameters, best.Tokens).Value), noise.At(budget.Count, loss), fit.Objective.Scale, level);
            return new AtDocument(at, optimal, budget.Count, best.Parameters, best.Tokens, null, best.TokensPerParameter, loss, Ends(OwnLoss), AtDocuments.Ends(prediction),
                optimal ? Ends(l => l.ComputeOptimal(budget, k).Parameters) : null, optimal ? Ends(l => l.ComputeOptimal(budget, k).Tokens) : null, optimal ? Ends(l => l.ComputeOptimal(budget, k).TokensPerParameter) : null,
                Outside(points, new(budget.Count, best.Parameters, best.Tokens)), Profiles(budget.Count, best, optimal));
        }

        Dictionary<string, LikelihoodProfileDocument>? Profiles(double flops, Allocation best, bool optimal)
        {
            if (request.Profile is not { } criterion)
                return null;
            double loss = fit.Law.Loss(best.Parameters, best.Tokens).Value;
            (string Name, double Estimate)[] wanted = optimal ? [("params", best.Parameters), ("tokens", best.Tokens), ("tokensPerParam", best.TokensPerParameter), ("loss", loss)] : [("loss", loss)];
            var traced = ChinchillaProfiles.Trace(points, fit, options,
                q => optimal ? [q.OptimalParameters(flops), q.OptimalTokens(flops), q.TokensPerParameter(flops), q.OptimalLoss(flops)] : [q.Loss(best.Parameters, best.Tokens)], level, criterion);
            return wanted.Zip(traced).ToDictionary(p => p.First.Name, p => LikelihoodProfileDocument.Of(p.First.Estimate, p.Second));
        }
    }

    /// <summary>Another law.</summary>
    /// <exception cref="UserErrorException">A point lacks something that the law reads.</exception>
    public static IReadOnlyList<AtDocument>? Curve(FitPoints points, CurveFit fit, IReadOnlyDictionary<string, double> held, CurveResamples resamples, IntervalRequest request, double level)
    {
        if (request.At.Count == 0)
            return null;
        double[] predicted = [.. Enumerable.Range(0, points.Count).Select(i => fit.Predict(points, i))];
        var noise = RunNoise.Of(points, predicted, fit.Objective.Scale, fit.Curve.Parameters.Count - held.Count);
        return [.. request.At.Select(at =>
        {
            AtPoint full = Complete(at, fit.Curve, points);
            var setting = new Setting(full.Params ?? 0, full.Tokens ?? 0, full.Flops ?? 0, full.UniqueTokens ?? 0) { S = full.Steps ?? 0, B = full.BatchTokens ?? 0, L = full.Loss ?? 0 };
            double loss = fit.Curve.Loss(setting, fit.Parameters);
            double[] losses = [.. resamples.Parameters.Select(p => fit.Curve.Loss(setting, p))];
            var profile = request.Profile is { } criterion
                ? new Dictionary<string, LikelihoodProfileDocument> { ["loss"] = LikelihoodProfileDocument.Of(loss, CurveProfiles.Trace(points, fit, held, [CurveProfiles.Loss(fit.Curve, setting)], level, criterion)[0]) }
                : null;
            return new AtDocument(at, false, full.Flops, full.Params, full.Tokens, full.UniqueTokens, full.Tokens / full.Params, loss, Ends(Interval.Percentile(losses, level)),
                Ends(NewRun.Prediction(losses, noise.At(full.Flops, loss), fit.Objective.Scale, level)), null, null, null, Outside(points, full), profile);
        })];
    }

    /// <summary>Warnings about points outside the data.</summary>
    public static IEnumerable<string> Warnings(IReadOnlyList<AtDocument>? documents)
    {
        foreach (var d in documents ?? [])
        {
            string[] far = [.. new[] { ("C", d.Outside.Flops), ("N", d.Outside.Params), ("D", d.Outside.Tokens) }.Where(f => f.Item2 is { } v && v != 1).Select(f => f.Item2 > 1
                ? Text($"{f.Item1} is {f.Item2:0.##} times the largest of the data")
                : Text($"{f.Item1} is {1 / f.Item2:0.##} times below the least of the data"))];
            if (far.Length > 0)
                yield return Text($"at {Place(d)} {string.Join(", ", far)}: its intervals hold if the law goes on so far");
        }
    }

    private static string Place(AtDocument d) => d.Optimal || (d.Params is null && d.Tokens is null)
        ? Text($"{d.Flops:0.###e0} FLOPs")
        : string.Join(", ", new[] { d.Params is { } n ? Text($"N {n:0.###e0}") : null, d.Tokens is { } t ? Text($"D {t:0.###e0}") : null }.OfType<string>());

    // Any two of C, N and D give the third; C alone asks for its optimum.
    private static (AtPoint Point, bool Optimal) Complete(AtPoint at, double k)
    {
        if ((at.UniqueTokens ?? at.Steps ?? at.BatchTokens ?? at.Loss) is not null)
            throw Refuse("the chinchilla law reads flops, params and tokens, and nothing else", "leave the rest out of --at, or fit the --law that reads it");
        return (at.Flops, at.Params, at.Tokens) switch
        {
            ({ }, null, null) => (at, true),
            (null, { } n, { } d) => (at with { Flops = k * n * d }, false),
            ({ } c, { } n, null) => (at with { Tokens = c / (k * n) }, false),
            ({ } c, null, { } d) => (at with { Params = c / (k * d) }, false),
            ({ }, { }, { }) => throw Refuse("--at names flops, params and tokens: the third follows from the other two", "leave one of them out"),
            _ => throw Refuse("--at names neither a budget nor a model with its tokens", "write --at flops=1e21 for the optimum of a budget, or --at params=7e9,tokens=1e12"),
        };
    }

    private static AtPoint Complete(AtPoint at, LossCurve curve, FitPoints points)
    {
        if (curve is TermSum)
            throw Refuse("--at has no names for the terms of the law sum", "leave out --at");
        if (curve.Inputs.HasFlag(Inputs.Flops) && at is { Flops: null, Params: { } n, Tokens: { } d })
            at = at with { Flops = points.FlopsPerParameterToken * n * d };
        foreach ((Inputs input, double? value, string name) in new[] { (Inputs.Parameters, at.Params, "params"), (Inputs.Tokens, at.Tokens, "tokens"), (Inputs.Flops, at.Flops, "flops"), (Inputs.UniqueTokens, at.UniqueTokens, "unique"),
            (Inputs.Steps, at.Steps, "steps"), (Inputs.BatchTokens, at.BatchTokens, "batch"), (Inputs.Loss, at.Loss, "loss") })
        {
            if (curve.Inputs.HasFlag(input) && value is null)
                throw Refuse($"--at lacks {name}=, which {curve.Name} reads", $"the law is one of {curve.InputNames}");
        }
        return at.Flops is null && at is { Params: { } p, Tokens: { } t } ? at with { Flops = points.FlopsPerParameterToken * p * t } : at;
    }

    private static OutsideDocument Outside(FitPoints points, AtPoint at) => new(Factor(points.Flops, at.Flops), Factor(points.Parameters, at.Params), Factor(points.Tokens, at.Tokens));

    private static double? Factor(double[] values, double? at)
    {
        double low = values.Min(), high = values.Max();
        return at is not { } v || !(low > 0) ? null : v > high * Margin ? v / high : v < low / Margin ? v / low : 1;
    }

    private static double[]? Ends(Interval? interval) => interval is { } i && double.IsFinite(i.Low) && double.IsFinite(i.High) ? [i.Low, i.High] : null;

    private static UserErrorException Refuse(string message, string help) => new(ExitCode.Usage, new Diagnostic("SL0123", message, Help: help));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
