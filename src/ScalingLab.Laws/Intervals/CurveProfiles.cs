using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Intervals;

/// <summary>Profile likelihoods of a fitted curve.</summary>
public static class CurveProfiles
{
    /// <summary>A parameter of a curve, by its number.</summary>
    public static Quantity Parameter(LossCurve curve, int index)
    {
        CurveParameter p = curve.Parameters[index];
        return new(p.Name, x => x[index], p.Logarithm, p.Low, p.High, LowIsNatural: !p.Logarithm && p.Low == 0);
    }

    /// <summary>The loss at a setting.</summary>
    public static Quantity Loss(LossCurve curve, Setting at) => new("loss", x => curve.LogLoss(at, x), true, 0, 1e300);

    /// <summary>Profiles of several quantities, in order; null where one has none.</summary>
    /// <param name="points">The data.</param>
    /// <param name="fit">Their fit.</param>
    /// <param name="held">Parameters held.</param>
    /// <param name="quantities">What to profile.</param>
    /// <param name="level">Level of the intervals.</param>
    /// <param name="criterion">What the deviance is measured against.</param>
    /// <param name="threads">Threads; null for one a core. They do not change the results.</param>
    public static LikelihoodProfile?[] Trace(FitPoints points, CurveFit fit, IReadOnlyDictionary<string, double> held, IReadOnlyList<Quantity> quantities, double level, ProfileCriterion criterion = ProfileCriterion.Robust, int? threads = null)
    {
        var profiles = new LikelihoodProfile?[quantities.Count];
        Parallel.For(0, quantities.Count, new ParallelOptions { MaxDegreeOfParallelism = threads ?? Environment.ProcessorCount }, () => (FittedProblem?)null, (i, _, own) =>
        {
            own ??= new CurveFitter(fit.Curve, points, fit.Objective, held).Fitted(fit);
            profiles[i] = ProfileTracer.Trace(own, quantities[i], level, criterion);
            return own;
        }, _ => { });
        return profiles;
    }
}
