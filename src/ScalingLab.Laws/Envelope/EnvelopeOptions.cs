using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Envelope;

/// <summary>How the lower envelope of loss against compute is drawn.</summary>
public enum EnvelopeKind
{
    /// <summary>For each of many budgets the run with the least loss: Hoffmann et al. 2022, arXiv:2203.15556, Sec. 3.1.</summary>
    Minimum,

    /// <summary>Corners of the lower convex hull of ln loss against ln C: McLeish et al. 2025, arXiv:2502.06857.</summary>
    Hull,
}

/// <summary>How Approach 1 is taken.</summary>
public sealed record EnvelopeOptions
{
    /// <summary>Kind.</summary>
    public EnvelopeKind Kind { get; init; } = EnvelopeKind.Minimum;

    /// <summary>Budgets, evenly spaced in ln C, at which the minimum is looked for: 1500 in Hoffmann et al. 2022, Sec. 3.1.</summary>
    public const int Budgets = 1500;

    /// <summary>Fewest sizes on the envelope for a power law: the staircase of two has one riser, whose place noise decides.</summary>
    public const int FewestSizes = 3;

    /// <summary>Resamples: of clusters by default, or noise on every loss.</summary>
    public BootstrapOptions Bootstrap { get; init; } = new();
}
