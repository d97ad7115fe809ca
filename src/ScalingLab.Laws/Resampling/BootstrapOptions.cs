namespace ScalingLab.Laws.Resampling;

/// <summary>What a resample varies.</summary>
public enum BootstrapKind
{
    /// <summary>Observations, drawn with replacement.</summary>
    Case,

    /// <summary>Whole clusters (runs or groups), drawn with replacement: right when one run gives several observations.</summary>
    Cluster,

    /// <summary>Residuals of the fit, drawn with replacement and put on the fitted losses.</summary>
    Residual,

    /// <summary>Gaussian noise of a given size on every loss, as from another seed.</summary>
    Noise,
}

/// <summary>How uncertainty is estimated.</summary>
public sealed record BootstrapOptions
{
    /// <summary>Kind; null for clusters when any holds several points, else cases.</summary>
    public BootstrapKind? Kind { get; init; }

    /// <summary>Number of resamples, 0 for none.</summary>
    public int Resamples { get; init; } = 1000;

    /// <summary>Seed: the same one gives the same resamples, bit for bit, on any number of threads.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Standard deviation of the noise kind, nats per token.</summary>
    public double NoiseSd { get; init; }

    /// <summary>Threads; null for one a core.</summary>
    public int? Threads { get; init; }
}
