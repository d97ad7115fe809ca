using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Intervals;

/// <summary>Profile likelihoods of a fitted Chinchilla law.</summary>
public static class ChinchillaProfiles
{
    private const int MostBasins = 4; // Further ones are seldom lowest anywhere.

    /// <summary>Profiles of several quantities, in order; null where one has none.</summary>
    /// <param name="points">The data.</param>
    /// <param name="fit">Their fit.</param>
    /// <param name="options">Options of that fit.</param>
    /// <param name="choose">What to profile.</param>
    /// <param name="level">Level of the intervals.</param>
    /// <param name="criterion">What the deviance is measured against.</param>
    /// <param name="threads">Threads; null for one a core. They do not change the results.</param>
    public static LikelihoodProfile?[] Trace(FitPoints points, ChinchillaFit fit, ChinchillaFitOptions options, Func<ChinchillaQuantities, IEnumerable<Quantity>> choose, double level, ProfileCriterion criterion = ProfileCriterion.Robust, int? threads = null)
    {
        var first = new ChinchillaWorkspace(points, options);
        Quantity[] quantities = [.. choose(new ChinchillaQuantities(first.CentreN, first.CentreD, points.FlopsPerParameterToken))];
        var profiles = new LikelihoodProfile?[quantities.Length];
        Parallel.For(0, quantities.Length, new ParallelOptions { MaxDegreeOfParallelism = threads ?? Environment.ProcessorCount }, () => (FittedProblem?)null, (i, _, own) =>
        {
            own ??= Fitted();
            profiles[i] = ProfileTracer.Trace(own, quantities[i], level, criterion);
            return own;
        }, _ => { });
        return profiles;

        FittedProblem Fitted()
        {
            var workspace = new ChinchillaWorkspace(points, options);
            workspace.Load(points.Loss);
            return workspace.Fitted(fit.Law, fit.OtherBasins.Take(MostBasins).Select(b => b.Law));
        }
    }
}
