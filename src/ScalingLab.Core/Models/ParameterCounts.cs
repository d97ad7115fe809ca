namespace ScalingLab.Core.Models;

/// <summary>Parameters by group, so that every counting convention can be had after training.</summary>
public sealed record ParameterCounts
{
    /// <summary>Token embedding: vocabulary × width. Counted here once, also when it serves as the head.</summary>
    public required long TokenEmbedding { get; init; }

    /// <summary>Learned position vectors: context × width, or 0.</summary>
    public required long PositionEmbedding { get; init; }

    /// <summary>Query, key, value and output matrices of all layers.</summary>
    public required long Attention { get; init; }

    /// <summary>MLP matrices of all layers.</summary>
    public required long Mlp { get; init; }

    /// <summary>Weights and biases of all norms.</summary>
    public required long Norms { get; init; }

    /// <summary>Output head when it is a matrix of its own; 0 when tied.</summary>
    public required long Head { get; init; }

    /// <summary>Size of the output projection, tied or not: vocabulary × width.</summary>
    public required long HeadProjection { get; init; }

    /// <summary>Every distinct parameter.</summary>
    public long Total => TokenEmbedding + PositionEmbedding + Attention + Mlp + Norms + Head;

    /// <summary>Attention, MLP and norms: N of Kaplan et al. 2020 (arXiv:2001.08361), Sec. 1.3.</summary>
    public long NonEmbedding => Attention + Mlp + Norms;

    /// <summary>Non-embedding plus the output projection, tied or not: N of Porian et al. 2024 (arXiv:2406.19146).</summary>
    public long WithHead => NonEmbedding + HeadProjection;

    /// <summary>Counts for a shape and a vocabulary.</summary>
    public static ParameterCounts Of(ModelShape shape, int vocabulary)
    {
        long width = shape.Width, layers = shape.Layers;
        long perNorm = shape.Norm == Norm.LayerNorm ? 2 * width : width;
        int mlpMatrices = shape.Activation == Activation.SwiGlu ? 3 : 2;
        return new ParameterCounts
        {
            TokenEmbedding = vocabulary * width,
            PositionEmbedding = shape.Positions == Positions.Learned ? shape.ContextTokens * width : 0,
            Attention = layers * 4 * width * width,
            Mlp = layers * mlpMatrices * width * shape.HiddenWidth,
            Norms = (2 * layers + 1) * perNorm,
            Head = shape.TiedHead ? 0 : vocabulary * width,
            HeadProjection = vocabulary * width,
        };
    }
}
