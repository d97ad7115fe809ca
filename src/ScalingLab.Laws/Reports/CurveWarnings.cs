using System.Globalization;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Reports;

/// <summary>Reasons not to trust the fit of a law other than Chinchilla's, each in one line.</summary>
internal static class CurveWarnings
{
    private const double NarrowRange = 3;
    private const double NarrowLoss = 1.2;       // Losses themselves span little: Kaplan et al.'s Figure 10 has 3 to 10 nats.
    private const double CollinearAbove = 0.995; // |correlation| of two columns' logarithms.
    private const double LargeCondition = 1e6;
    private const double WideDecay = 5;          // High over low end of an interval of rd or rn.
    private const double WideExponent = 4;       // Likewise of an exponent.
    private const double NoTerm = 1e-6;          // Share of the loss.
    private const double FewPerParameter = 2;

    /// <summary>All of them.</summary>
    public static IEnumerable<string> All(FitPoints points, CurveFit fit, CurveResamples resamples, Dictionary<string, double[]> intervals, IReadOnlyDictionary<string, double> held) =>
        [.. OfData(points, fit.Curve, held), .. OfWeights(points, fit.Objective), .. OfFit(points, fit, held), .. OfLaw(points, fit, intervals, held), .. OfResamples(points, resamples, intervals, held)];

    /// <summary>Warnings about weights, under any law.</summary>
    public static IEnumerable<string> OfWeights(FitPoints points, Objective objective)
    {
        if (points.WeightColumn is { } column && points.EffectiveCount(objective.Scale) * 2 < points.Count)
            yield return Text($"the weights of column {column} leave {points.EffectiveCount(objective.Scale):0.#} effective observations of {points.Count}: a few decide the fit");
    }

    /// <summary>Columns of a law by name.</summary>
    private static IEnumerable<(string Name, double[] Values)> Columns(FitPoints points, LossCurve curve)
    {
        (Inputs, double[], string)[] known = [(Inputs.Parameters, points.Parameters, "N"), (Inputs.Tokens, points.Tokens, "D"), (Inputs.Flops, points.Flops, "C"),
            (Inputs.Steps, points.Steps, "S"), (Inputs.Loss, points.GivenLoss ?? [], "L")];
        foreach ((Inputs input, double[] values, string name) in known.Where(k => curve.Inputs.HasFlag(k.Item1)))
            yield return (name, values);
        for (int i = 0; curve is TermSum sum && i < sum.Terms.Count; i++)
            yield return (sum.Terms[i], [.. Enumerable.Range(0, points.Count).Select(k => points.Setting(k).Terms[i])]);
    }

    private static IEnumerable<string> OfData(FitPoints points, LossCurve curve, IReadOnlyDictionary<string, double> held)
    {
        var columns = Columns(points, curve).ToArray();
        foreach ((string name, double[] values) in columns)
        {
            double spread = values.Max() / values.Min();
            if (spread == 1)
                yield return $"all observations have one {name}: its term cannot be told from a constant; vary {name}, or hold its parameters with --fix";
            else if (spread < (name == "L" ? NarrowLoss : NarrowRange))
                yield return Text($"{name} spans only a factor of {spread:0.##}: its exponent is poorly determined");
        }
        if (curve is not Overtraining) // It reads C and M, which are N and D in other letters.
        {
            for (int i = 0; i < columns.Length; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    if (LogCorrelation(columns[i].Values, columns[j].Values) is { } r && Math.Abs(r) > CollinearAbove)
                        yield return $"{columns[i].Name} follows {columns[j].Name} in all observations: their terms cannot be separated; vary one with the other held";
                }
            }
        }
        int free = curve.Parameters.Count(p => !held.ContainsKey(p.Name)), distinct = curve.Distinct(points);
        if (distinct < FewPerParameter * free)
            yield return $"only {distinct} distinct {curve.InputNames} for {free} free parameters: intervals understate the uncertainty";
        if (curve.Inputs.HasFlag(Inputs.UniqueTokens) && points.Tokens.Zip(points.UniqueTokens).All(p => p.First <= p.Second))
            yield return "no observation repeats its tokens: rd and rn cannot be told";
    }

    private static IEnumerable<string> OfFit(FitPoints points, CurveFit fit, IReadOnlyDictionary<string, double> held)
    {
        if (!fit.Outcome.Converged)
            yield return $"the solver stopped before a minimum ({fit.Outcome.Reason})";
        if (fit.StartsMoved == 0 && held.Count < fit.Curve.Parameters.Count)
            yield return "no start moved: the parameters are those of a start, not of the data; check losses and weights";
        foreach (string name in fit.AtBound)
            yield return $"{name} is at the end of its range: the data do not determine it";
        if (fit.OtherBasins.Count > 0 && fit.OtherBasins[0].Objective < fit.Value * 1.01)
            yield return "another minimum lies within 1 % of the reported one with different parameters; see solver.basins";
        if (!(fit.Condition < LargeCondition))
            yield return double.IsFinite(fit.Condition) ? Text($"condition number {fit.Condition:0.#e0}: some parameters can hardly be told apart") : "some parameters cannot be told apart: the condition number is infinite";
        double explained = Explained(points, fit);
        if (explained < 0.5)
            yield return Text($"the law explains {Math.Max(0, explained) * 100:0} % of the variance of {(fit.Curve.Inputs.HasFlag(Inputs.Loss) ? "its quantity's logarithm" : "ln loss")}: there may be no law in these data");
    }

    // What only some laws can get wrong.
    private static IEnumerable<string> OfLaw(FitPoints points, CurveFit fit, Dictionary<string, double[]> intervals, IReadOnlyDictionary<string, double> held) => fit.Curve switch
    {
        KaplanSteps steps => OfBatch(points, steps, held),
        BrokenPower law => OfBreak(points, law, fit, intervals),
        TermSum sum => OfTerms(points, sum, fit),
        _ => [],
    };

    private static IEnumerable<string> OfBatch(FitPoints points, KaplanSteps law, IReadOnlyDictionary<string, double> held)
    {
        if (!law.Inputs.HasFlag(Inputs.BatchTokens))
            yield return "the source has no batch_tokens: S is taken as Smin, the steps at a batch far above the critical one";
        else if (points.BatchTokens.Max() < NarrowRange * points.BatchTokens.Min() && !(held.ContainsKey("Bstar") && held.ContainsKey("alphaB")))
            yield return "all observations have nearly one batch: Bstar and alphaB cannot be told from Sc and alphaS; hold them, e.g. at Kaplan's --fix Bstar=2e8,alphaB=0.21, or vary the batch";
    }

    private static IEnumerable<string> OfBreak(FitPoints points, BrokenPower law, CurveFit fit, Dictionary<string, double[]> intervals)
    {
        double[] x = [.. Enumerable.Range(0, points.Count).Select(i => law.Read(points.Setting(i))).Distinct().Order()];
        double at = fit.Parameters[4], width = BrokenPower.PassageLogWidth(fit.Parameters[5]);
        int below = x.Count(v => v < at), above = x.Length - below;
        if (at < x[0] || at > x[^1])
            yield return Text($"the break, d1 = {at:0.###e0}, lies outside the data, {x[0]:0.###e0} to {x[^1]:0.###e0}: they show one power law, and no break");
        else if (Math.Min(below, above) < 3)
            yield return Text($"only {Math.Min(below, above)} values lie {(below < above ? "below" : "beyond")} the break: the exponent there is hardly determined");
        else if (width < Math.Log(x[below] / x[below - 1]))
            yield return "the passage is narrower than the gap between the values around the break: its sharpness f1 and exact place d1 are undetermined";
        if (width > 2 * Math.Log(x[^1] / x[0]))
            yield return "the passage is wider than the data: c0 and c1 cannot be told apart";
        if (intervals.TryGetValue("c1", out double[]? c1) && c1[0] < 0 && c1[1] > 0)
            yield return "the interval of c1 holds 0: a law without a break would do";
        if (WithoutBreak(points, law, fit) is { } better)
            yield return Text($"by AICc E + A/X^alpha without a break is better by {better:0.#}");
    }

    // AICc of the broken law less that of the plain one, where above 0.
    private static double? WithoutBreak(FitPoints points, BrokenPower law, CurveFit fit)
    {
        var plain = new CurveFitter(new OffsetPower(law.Inputs), points, fit.Objective).Fit();
        double[]? weights = points.WeightColumn is null ? null : points.Weights(fit.Objective.Scale);
        double? Aicc(CurveFit f) => Likelihood.Aicc(Likelihood.Log(f.Objective, f.Value, points.Count, weights), f.Parameters.Count, points.Count);
        return Aicc(fit) - Aicc(plain) is { } d && d > 0 ? d : null;
    }

    private static IEnumerable<string> OfTerms(FitPoints points, TermSum sum, CurveFit fit)
    {
        int n = sum.Terms.Count;
        for (int i = 0; i < n; i++)
        {
            double share = Enumerable.Range(0, points.Count).Max(k => fit.Parameters[1 + i] * Math.Pow(points.Setting(k).Terms[i], -fit.Parameters[1 + n + i]) / points.Loss[k]);
            if (share < NoTerm)
                yield return $"the term of {sum.Terms[i]} is nowhere a millionth of the loss: the data do not show it, and alpha_{sum.Terms[i]} means nothing";
        }
    }

    private static IEnumerable<string> OfResamples(FitPoints points, CurveResamples resamples, Dictionary<string, double[]> intervals, IReadOnlyDictionary<string, double> held)
    {
        foreach ((string name, double[] ends) in intervals)
        {
            bool decay = name is "rd" or "rn";
            if (held.ContainsKey(name) || ends[0] <= 0)
                continue;
            if ((decay && ends[1] > WideDecay * ends[0]) || ((name.StartsWith("alpha", StringComparison.Ordinal) || name == "eta") && ends[1] > WideExponent * ends[0]))
                yield return Text($"{name} lies anywhere from {ends[0]:0.###} to {ends[1]:0.###}: these data do not identify it");
        }
        if (points.Clustered && resamples is { Kind: BootstrapKind.Case, Parameters.Count: > 0 })
            yield return "several observations share a run, but single observations were resampled: intervals are too narrow; use --bootstrap-kind cluster";
        if (resamples.Failed * 100 > resamples.Failed + resamples.Parameters.Count)
            yield return $"{resamples.Failed} of {resamples.Failed + resamples.Parameters.Count} resamples gave no fit: intervals leave them out and are too narrow";
    }

    // 1 − (residual variance)/(variance of the logarithm), both per degree of freedom.
    private static double Explained(FitPoints points, CurveFit fit)
    {
        double[] logs = [.. points.Loss.Select(l => Math.Log(l))];
        double mean = logs.Average(), total = logs.Sum(l => (l - mean) * (l - mean)) / Math.Max(1, logs.Length - 1);
        double within = Enumerable.Range(0, points.Count).Sum(i => Math.Pow(Math.Log(fit.Predict(points, i)) - logs[i], 2)) / Math.Max(1, points.Count - fit.Parameters.Count);
        return total == 0 ? 0 : 1 - within / total;
    }

    private static double? LogCorrelation(double[] a, double[] b)
    {
        double r = MathNet.Numerics.Statistics.Correlation.Pearson(a.Select(v => Math.Log(v)), b.Select(v => Math.Log(v)));
        return double.IsFinite(r) ? r : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
