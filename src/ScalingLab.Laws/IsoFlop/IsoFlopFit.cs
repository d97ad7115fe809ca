using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.IsoFlop;

/// <summary>Approach 2 of Hoffmann et al. 2022 (arXiv:2203.15556, Sec. 3.2): optimum of each budget, then power laws through them.</summary>
public sealed record IsoFlopFit
{
    /// <summary>Budgets, ascending, those without an optimum included.</summary>
    public required IReadOnlyList<IsoFlopProfile> Profiles { get; init; }

    /// <summary>N_opt ∝ C^a; null with fewer than two optima.</summary>
    public required PowerLaw? OptimalParameters { get; init; }

    /// <summary>D_opt ∝ C^b; null with fewer than two optima.</summary>
    public required PowerLaw? OptimalTokens { get; init; }

    /// <summary>N_opt's power law in each resample that had two optima.</summary>
    public required IReadOnlyList<PowerLaw> ResampledParameters { get; init; }

    /// <summary>D_opt's likewise.</summary>
    public required IReadOnlyList<PowerLaw> ResampledTokens { get; init; }

    /// <summary>Optima of every budget in each resample, one row a resample, null where there was none.</summary>
    public required IReadOnlyList<Allocation?[]> ResampledOptima { get; init; }

    /// <summary>Resamples with fewer than two optima.</summary>
    public required int Failed { get; init; }

    /// <summary>What was resampled; null without resamples.</summary>
    public required BootstrapKind? Kind { get; init; }

    /// <summary>Standard deviation of the noise put on every loss, nats; null when residuals were drawn or nothing was resampled.</summary>
    public required double? NoiseSd { get; init; }

    /// <summary>Time spent on resamples.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Budgets with an optimum.</summary>
    public IEnumerable<IsoFlopProfile> Accepted => Profiles.Where(p => p.Optimum is not null);

    /// <summary>Intervals of a budget's own N and D; null where fewer than half of the resamples had an optimum.</summary>
    /// <param name="profile">Index into <see cref="Profiles"/>.</param>
    /// <param name="level">Level.</param>
    public (Interval Parameters, Interval Tokens)? OptimumInterval(int profile, double level)
    {
        Allocation[] found = [.. ResampledOptima.Select(r => r[profile]).OfType<Allocation>()];
        return Profiles[profile].Optimum is not null && found.Length > 1 && 2 * found.Length >= ResampledOptima.Count
            && Interval.Percentile(found.Select(a => a.Parameters), level) is { } n && Interval.Percentile(found.Select(a => a.Tokens), level) is { } d
            ? (n, d)
            : null;
    }

    /// <summary>Interval of a; null below three optima, where it would mean little.</summary>
    public Interval? ExponentNInterval(double level) => Accepted.Count() < 3 ? null : Interval.Percentile(ResampledParameters.Select(p => p.Exponent), level);

    /// <summary>Interval of b likewise.</summary>
    public Interval? ExponentDInterval(double level) => Accepted.Count() < 3 ? null : Interval.Percentile(ResampledTokens.Select(p => p.Exponent), level);
}
