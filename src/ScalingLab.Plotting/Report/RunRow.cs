namespace ScalingLab.Plotting.Report;

/// <summary>What became of a run.</summary>
public enum RowState
{
    /// <summary>Trained on all its tokens.</summary>
    Completed,

    /// <summary>Its loss was not finite: no observation.</summary>
    Diverged,

    /// <summary>Gave up after its attempts.</summary>
    Failed,

    /// <summary>Not finished yet.</summary>
    Unfinished,

    /// <summary>A row of a table that was trained elsewhere.</summary>
    Observed,
}

/// <summary>A run as the report's table shows it; null where the source has no number.</summary>
public sealed record RunRow
{
    /// <summary>Name; any text.</summary>
    public required string Id { get; init; }

    /// <summary>State.</summary>
    public required RowState State { get; init; }

    /// <summary>Blocks.</summary>
    public int? Layers { get; init; }

    /// <summary>Width.</summary>
    public int? Width { get; init; }

    /// <summary>Parameters, in the fit's convention.</summary>
    public double? Parameters { get; init; }

    /// <summary>Tokens trained on.</summary>
    public double? Tokens { get; init; }

    /// <summary>Training FLOPs.</summary>
    public double? Flops { get; init; }

    /// <summary>Last held-out loss, nats per token.</summary>
    public double? Loss { get; init; }

    /// <summary>The same in bits per byte.</summary>
    public double? BitsPerByte { get; init; }

    /// <summary>Tokens per second.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>Seconds from start to end.</summary>
    public double? WallSeconds { get; init; }

    /// <summary>Whether the fit used it.</summary>
    public bool InFit { get; init; } = true;
}
