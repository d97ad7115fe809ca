namespace ScalingLab.Core.Runs;

/// <summary>One measured point of a scaling study: a model of N parameters after D tokens had this loss.</summary>
/// <remarks>The columns of DESIGN section 6. A quantity that the source does not have is null.</remarks>
public sealed record Observation
{
    /// <summary>Name of the run; several observations of one run at different token counts share it.</summary>
    public required string Run { get; init; }

    /// <summary>All parameters, embeddings counted once when tied; the convention of Hoffmann et al. 2022.</summary>
    public double? ParametersTotal { get; init; }

    /// <summary>Parameters outside the token and position embeddings and the head; the convention of Kaplan et al. 2020.</summary>
    public double? ParametersNonEmbedding { get; init; }

    /// <summary>Non-embedding parameters plus the output head; the convention of Porian et al. 2024.</summary>
    public double? ParametersWithHead { get; init; }

    /// <summary>Tokens trained on, repeats counted.</summary>
    public double? Tokens { get; init; }

    /// <summary>Distinct tokens among them.</summary>
    public double? UniqueTokens { get; init; }

    /// <summary>Training FLOPs, measured where the source measured them.</summary>
    public double? Flops { get; init; }

    /// <summary>Held-out loss in nats per token.</summary>
    public required double Loss { get; init; }

    /// <summary>Cluster to which the observation belongs: the model, the seed or what the user named.</summary>
    public string? Group { get; init; }

    /// <summary>Optimizer steps done, S.</summary>
    public double? Steps { get; init; }

    /// <summary>Tokens in a batch, B.</summary>
    public double? BatchTokens { get; init; }

    /// <summary>Weight of the observation in a fit, above 0; only ratios matter.</summary>
    public double? Weight { get; init; }

    /// <summary>Standard deviation of <see cref="Loss"/>, nats per token: its weight is the inverse variance.</summary>
    public double? LossSd { get; init; }

    /// <summary>Measured critical batch at <see cref="Loss"/>, tokens.</summary>
    public double? CriticalBatch { get; init; }
}
