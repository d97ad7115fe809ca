namespace ScalingLab.Laws.IsoFlop;

/// <summary>Why a budget has no optimum.</summary>
public enum ProfileRefusal
{
    /// <summary>Fewer distinct N than the curve needs.</summary>
    TooFewPoints,

    /// <summary>The curve opens downwards: no minimum at all.</summary>
    NotConvex,

    /// <summary>The least loss is at the smallest model or below it: smaller models are missing.</summary>
    MinimumAtSmallEnd,

    /// <summary>The least loss is at the largest model or above it: larger models are missing.</summary>
    MinimumAtLargeEnd,
}

/// <summary>Losses of models of several sizes trained on one budget, and where they are least.</summary>
public sealed record IsoFlopProfile
{
    /// <summary>C: geometric mean over the points.</summary>
    public required double Flops { get; init; }

    /// <summary>N of each point, ascending.</summary>
    public required IReadOnlyList<double> Parameters { get; init; }

    /// <summary>D of each point.</summary>
    public required IReadOnlyList<double> Tokens { get; init; }

    /// <summary>Loss of each point, nats per token.</summary>
    public required IReadOnlyList<double> Loss { get; init; }

    /// <summary>Why there is no optimum; null when there is one.</summary>
    public ProfileRefusal? Refusal { get; init; }

    /// <summary>(N, D) of least loss; null when refused.</summary>
    public Allocation? Optimum { get; init; }

    /// <summary>Loss there; null when refused.</summary>
    public double? OptimumLoss { get; init; }

    /// <summary>Loss = c0 + c1·t + c2·t² with t = ln N; null for Akima or too few points.</summary>
    public IReadOnlyList<double>? Parabola { get; init; }

    /// <summary>The refusal in words; null when there is an optimum.</summary>
    public string? Reason => Refusal switch
    {
        null => null,
        ProfileRefusal.TooFewPoints => $"only {Parameters.Distinct().Count()} distinct model sizes",
        ProfileRefusal.NotConvex => "the curve opens downwards: no minimum",
        ProfileRefusal.MinimumAtSmallEnd => "no interior minimum: loss still falls at the smallest model; add smaller ones",
        _ => "no interior minimum: loss still falls at the largest model; add larger ones",
    };
}
