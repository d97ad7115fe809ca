using ScalingLab.Core.Units;
using ScalingLab.Laws;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Report;

/// <summary>The compute-optimal line for drawing: more budgets than the table has, bands from the document's resamples.</summary>
internal static class OptimumLine
{
    private const int Within = 8, After = 8;
    private const double Beyond = 100; // as far as the table of optima

    /// <summary>Budgets from the least observed to 100 times the greatest; none when the law has no interior optimum.</summary>
    public static IReadOnlyList<OptimumPoint> Of(FitDocument fit)
    {
        ChinchillaLaw law = LawOf(name => fit.Parameters[name]);
        if (law is not { A: > 0, B: > 0, Alpha: > 0, Beta: > 0 })
            return [];
        ChinchillaLaw[] resamples = fit.Resamples is { } rows ? [.. rows.Values.Select(row => LawOf(name => row[rows.Names.ToList().IndexOf(name)]))] : [];
        (double low, double high) = (fit.Range.Flops[0], fit.Range.Flops[1]);
        IEnumerable<double> budgets = Enumerable.Range(0, Within).Select(i => low * Math.Pow(high / low, (double)i / Within))
            .Concat(Enumerable.Range(0, After + 1).Select(i => high * Math.Pow(Beyond, (double)i / After)));
        return [.. budgets.Distinct().Select(c => At(law, resamples, c, fit))];
    }

    private static OptimumPoint At(ChinchillaLaw law, ChinchillaLaw[] resamples, double flops, FitDocument fit)
    {
        Allocation Split(ChinchillaLaw l) => l.ComputeOptimal(new Flops(flops), fit.FlopsPerParameterToken);
        (double, double)? Band(Func<Allocation, double> value) =>
            Interval.Percentile(resamples.Select(l => value(Split(l))), fit.Level) is { } interval ? (interval.Low, interval.High) : null;
        Allocation best = Split(law);
        return new OptimumPoint(flops, best.Parameters, best.Tokens, law.Loss(best.Parameters, best.Tokens).Value, Band(a => a.Parameters), Band(a => a.Tokens));
    }

    private static ChinchillaLaw LawOf(Func<string, double> value) => new(value("E"), value("A"), value("B"), value("alpha"), value("beta"));
}
