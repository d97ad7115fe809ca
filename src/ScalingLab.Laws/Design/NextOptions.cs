using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Design;

/// <summary>What to look for, and where.</summary>
public sealed record NextOptions
{
    /// <summary>What is to be pinned down.</summary>
    public required DesignQuantity Quantity { get; init; }

    /// <summary>FLOPs of all runs together; null for as much as the present runs cost.</summary>
    public double? BudgetFlops { get; init; }

    /// <summary>Runs at most.</summary>
    public int MostRuns { get; init; } = 4;

    /// <summary>Factor by which candidates may lie above the N and D of the data; 1 or more.</summary>
    public double Reach { get; init; } = 2;

    /// <summary>Least and largest N; null for the data's, up to <see cref="Reach"/> times the largest.</summary>
    public (double Low, double High)? Parameters { get; init; }

    /// <summary>Least and largest D likewise.</summary>
    public (double Low, double High)? Tokens { get; init; }

    /// <summary>Least and largest D/N; null for the data's.</summary>
    public (double Low, double High)? TokensPerParameter { get; init; }

    /// <summary>Standard deviation of a loss between seeds, nats; null to take it from the residuals.</summary>
    public double? NoiseNats { get; init; }

    /// <summary>Models that can be built; null where any N can.</summary>
    public ShapeFamily? Shapes { get; init; }

    /// <summary>Options of the fit.</summary>
    public ChinchillaFitOptions Fit { get; init; } = new();

    /// <summary>Resamples that say how large the error is now; 0 to go by the residuals alone.</summary>
    public int Resamples { get; init; } = 400;

    /// <summary>Seed of the resamples.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Level of the intervals.</summary>
    public double Level { get; init; } = 0.95;
}
