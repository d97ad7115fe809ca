using ScalingLab.Laws.Intervals;

namespace ScalingLab.Laws.Reports;

/// <summary>Intervals wanted besides those of the bootstrap.</summary>
public sealed record IntervalRequest
{
    /// <summary>None.</summary>
    public static readonly IntervalRequest None = new();

    /// <summary>What profile likelihoods are measured against; null for no profiles.</summary>
    public ProfileCriterion? Profile { get; init; }

    /// <summary>Points at which the law is asked.</summary>
    public IReadOnlyList<AtPoint> At { get; init; } = [];
}
