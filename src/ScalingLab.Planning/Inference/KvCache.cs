using ScalingLab.Planning.Models;

namespace ScalingLab.Planning.Inference;

/// <summary>Memory of the keys and values that decoding looks back on.</summary>
public static class KvCache
{
    /// <summary>Bytes a token of context: 2·L·kv_heads·d_head·bytes, keys and values, only as many heads as there are keys.</summary>
    /// <remarks>Pope et al. 2022, arXiv:2211.05102, Sec. 3.3; grouped queries: Ainslie et al. 2023, arXiv:2305.13245.</remarks>
    public static double BytesPerToken(TransformerShape shape, double bytesPerValue) => 2.0 * shape.Layers * shape.KvHeads * shape.HeadWidth * bytesPerValue;
}
