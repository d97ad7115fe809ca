namespace ScalingLab.Core.Models;

/// <summary>Training FLOPs per token under each convention in use; forward plus backward, a multiply-add counted as two.</summary>
public static class FlopCounts
{
    /// <summary>Exactly the matrix products that a step dispatches: linear maps, the head and both attention products, causal mask not exploited.</summary>
    /// <remarks>Backward takes two products for each forward one. A measured count of the reference kernels equals this to the operation.</remarks>
    public static double MatrixProducts(ModelShape shape, int vocabulary)
    {
        ParameterCounts p = ParameterCounts.Of(shape, vocabulary);
        double linear = 2.0 * (p.Attention + p.Mlp + p.HeadProjection);
        double attention = 2.0 * 2.0 * shape.Layers * shape.ContextTokens * shape.Width;
        return 3 * (linear + attention);
    }

    /// <summary>6·N with N all parameters. Hoffmann et al. 2022 (arXiv:2203.15556), Sec. 3 and Appendix F.</summary>
    public static double SixN(ModelShape shape, int vocabulary) => 6.0 * ParameterCounts.Of(shape, vocabulary).Total;

    /// <summary>6·N with N non-embedding, attention left out. Kaplan et al. 2020 (arXiv:2001.08361), Sec. 2.1, C ≈ 6N.</summary>
    public static double Kaplan(ModelShape shape, int vocabulary) => 6.0 * ParameterCounts.Of(shape, vocabulary).NonEmbedding;

    /// <summary>6·N + 12·L·H·Q·T: linear maps and attention. Chowdhery et al. 2022 (PaLM, arXiv:2204.02311), Appendix B.</summary>
    /// <remarks>N is taken here as the parameters that enter products: with the head, without the looked-up input embedding.</remarks>
    public static double Palm(ModelShape shape, int vocabulary) =>
        6.0 * ParameterCounts.Of(shape, vocabulary).WithHead + 12.0 * shape.Layers * shape.Width * shape.ContextTokens;

    /// <summary>The itemised count of Hoffmann et al. 2022 (arXiv:2203.15556), Appendix F: embeddings as products, softmax included.</summary>
    public static double ChinchillaAppendixF(ModelShape shape, int vocabulary)
    {
        double t = shape.ContextTokens, d = shape.Width, keyTimesHeads = shape.Width, heads = shape.Heads;
        double embeddings = 2 * t * vocabulary * d;
        double attention = 2 * 3 * t * d * keyTimesHeads // queries, keys, values
            + 2 * t * t * keyTimesHeads // logits
            + 3 * heads * t * t // softmax
            + 2 * t * t * keyTimesHeads // values weighted and summed
            + 2 * t * keyTimesHeads * d; // output projection
        int matrices = shape.Activation == Activation.SwiGlu ? 3 : 2;
        double dense = 2 * t * matrices * d * shape.HiddenWidth;
        double logits = 2 * t * d * vocabulary;
        double forward = embeddings + shape.Layers * (attention + dense) + logits;
        return 3 * forward / t;
    }
}
