using System.Diagnostics;
using System.Globalization;
using ScalingLab.Laws.Backtests;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Reports;

/// <summary>From points to the whole backtest.</summary>
public static class BacktestDocuments
{
    private const int MostListed = 20_000; // Predictions in one document.
    private const double ErrorOverNoise = 3;
    private static readonly double[] Factors = [1, 2, 5, 10, 20, 50, 100, 1000, double.PositiveInfinity];

    /// <summary>Backtests every law on the same cuts.</summary>
    /// <param name="points">Observations.</param>
    /// <param name="laws">Laws.</param>
    /// <param name="objective">What each fit makes small.</param>
    /// <param name="cuts">Costs to fit below; null for those of <see cref="Backtest.DefaultCuts"/>.</param>
    public static BacktestDocument Build(FitPoints points, IReadOnlyList<CandidateLaw> laws, Objective objective, IReadOnlyList<double>? cuts = null)
    {
        var clock = Stopwatch.StartNew();
        cuts = cuts is null ? Backtest.DefaultCuts(points) : [.. cuts.OrderDescending()];
        LawBacktest[] results = [.. laws.Select(l => Backtest.Run(l, points, cuts, objective))];
        // Laws are compared on what all of them foretold: a law that refuses the hard cuts must not win by it.
        int[] common = [.. Enumerable.Range(0, cuts.Count).Where(k => results.Where(r => r.Whole is not null).All(r => r.Cuts[k].Predictions.Count > 0))];
        double? least = results.Min(r => r.Aicc);
        bool list = results.Sum(r => (long)r.Predictions.Count()) <= MostListed;
        var documents = results.Select(r => Document(r, points, common, least, list)).OrderBy(d => d.HeldOut?.MedianAbsolute ?? double.MaxValue).ToArray();
        return new BacktestDocument
        {
            Observations = points.Count,
            Count = FitDocuments.Name(points.ParameterCount),
            Objective = objective.Name,
            Delta = objective.Delta,
            Asymmetry = objective.Asymmetry,
            Laws = documents,
            BestByAicc = least is null ? null : documents.First(d => d.Aicc == least).Law,
            BestByHeldOut = documents[0].HeldOut is null ? null : documents[0].Law,
            Warnings = [.. Warnings(documents, points, list)],
            Seconds = clock.Elapsed.TotalSeconds,
        };
    }

    private static LawBacktestDocument Document(LawBacktest result, FitPoints points, int[] common, double? least, bool list) => new(
        result.Law.Name,
        result.Law.FreeParameters,
        result.LogLikelihood is { } l && double.IsFinite(l) ? l : null,
        result.Aicc,
        result.Aicc - least,
        Errors(common.SelectMany(k => result.Cuts[k].Predictions)),
        [.. ByExtrapolation(result.Predictions)],
        [.. result.Cuts.Select(c => new CutDocument(c.Flops, c.Fitted, points.Count - c.Fitted, c.Predictions.Count == 0 ? null : c.Predictions.Max(p => p.Extrapolation), c.Fit?.Converged,
            c.Fit?.Parameters, c.ErrorWithin, Errors(c.Predictions), c.Refusal, list ? [.. c.Predictions.Select(p => Document(p, points))] : null))]);

    private static PredictionDocument Document(Prediction p, FitPoints points) => new(p.Observation + 1, points.Flops[p.Observation], points.Parameters[p.Observation],
        points.Tokens[p.Observation], p.Extrapolation, points.Loss[p.Observation], p.Predicted, p.RelativeError);

    private static IEnumerable<ExtrapolationDocument> ByExtrapolation(IEnumerable<Prediction> predictions)
    {
        Prediction[] all = [.. predictions];
        for (int k = 0; k + 1 < Factors.Length; k++)
        {
            var within = all.Where(p => p.Extrapolation > Factors[k] && p.Extrapolation <= Factors[k + 1]).ToArray();
            if (Errors(within) is { } errors)
                yield return new(Factors[k], double.IsInfinity(Factors[k + 1]) ? within.Max(p => p.Extrapolation) : Factors[k + 1], errors);
        }
    }

    private static ErrorsDocument? Errors(IEnumerable<Prediction> predictions)
    {
        double[] errors = [.. predictions.Select(p => p.RelativeError)];
        return errors.Length == 0 ? null : new(errors.Length, Backtests.Errors.MedianSize(errors)!.Value, Backtests.Errors.SizeQuantile(errors, 0.9)!.Value, errors.Average());
    }

    private static IEnumerable<string> Warnings(LawBacktestDocument[] laws, FitPoints points, bool listed)
    {
        foreach (var law in laws)
        {
            foreach (var cut in law.Cuts.Where(c => c.Refusal is not null))
                yield return Text($"{law.Law} is not fitted below {cut.Flops:0.##e0} FLOPs: {cut.Refusal}");
            foreach (var cut in law.Cuts.Where(c => c.Converged == false))
                yield return Text($"{law.Law} below {cut.Flops:0.##e0} FLOPs: the solver stopped before a minimum");
            if (law.Cuts.Any(c => c.Errors?.MedianAbsolute > ErrorOverNoise * c.MedianAbsoluteWithin + 1e-9))
                yield return Text($"{law.Law} foretells some costlier runs {ErrorOverNoise:0} times worse than it fits the cheap ones: its interval beyond the data will be too narrow");
        }
        if (points.Clustered)
            yield return "several observations share a run: a run that passes a cut is fitted below it and foretold above";
        if (!listed)
            yield return $"more than {MostListed} predictions: only their summaries are given";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
