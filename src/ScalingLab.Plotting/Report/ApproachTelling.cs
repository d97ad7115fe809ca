using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Reports;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Plotting.Report;

/// <summary>The approaches of Hoffmann et al. 2022 (arXiv:2203.15556, Sec. 3) that were taken, as rows of a table.</summary>
internal static class ApproachTelling
{
    public static IReadOnlyList<ApproachFact> Facts(FitDocument? fit, IsoFlopFit? isoFlop, double level)
    {
        var facts = new List<ApproachFact>();
        if (fit is not null)
        {
            facts.Add(new ApproachFact(
                "Parametric (approach 3)", fit.Optimum.ExponentN, Pair(fit.Optimum.ExponentNInterval), fit.Optimum.ExponentD, Pair(fit.Optimum.ExponentDInterval),
                Quantity.Of(fit.Observations, "observation")));
        }

        if (isoFlop is { Profiles.Count: > 0 })
        {
            int accepted = isoFlop.Accepted.Count();
            string budgets = $"{accepted} of {Quantity.Of(isoFlop.Profiles.Count, "budget")} with an interior minimum";
            facts.Add(isoFlop is { OptimalParameters: { } n, OptimalTokens: { } d }
                ? new ApproachFact("IsoFLOP (approach 2)", n.Exponent, Pair(isoFlop.ExponentNInterval(level)), d.Exponent, Pair(isoFlop.ExponentDInterval(level)), budgets)
                : new ApproachFact("IsoFLOP (approach 2)", null, null, null, null, budgets));
        }

        return facts;
    }

    private static (double, double)? Pair(double[]? interval) => interval is [double low, double high] ? (low, high) : null;

    private static (double, double)? Pair(Interval? interval) => interval is { } found ? (found.Low, found.High) : null;
}
