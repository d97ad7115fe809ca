using ScalingLab.Core.Models;

namespace ScalingLab.Training.Model;

/// <summary>Causal self-attention, all heads at once.</summary>
/// <remarks>Vaswani et al. 2017, arXiv:1706.03762, Eq. 1. Forward cost of the two products: 4·B·T²·C FLOPs, mask not exploited.</remarks>
/// <param name="shape">Architecture.</param>
/// <param name="name">Of the layer.</param>
/// <param name="parameters">The model's.</param>
/// <param name="products">Type of its products.</param>
/// <param name="mask">Null for libtorch's one operator, which masks by itself.</param>
/// <param name="rotary">Rotation of queries and keys; null for none.</param>
/// <param name="ownKernels">Whether our own kernel splits the packed product into heads.</param>
internal sealed class Attention(ModelShape shape, string name, ParameterSet parameters, Products products, CausalMask? mask, RotaryPositions? rotary, bool ownKernels)
{
    private readonly Tensor qkvWeight = parameters[$"{name}.qkv.weight"]; // (3C, C)
    private readonly Tensor outputWeight = parameters[$"{name}.output.weight"]; // (C, C)

    public static IEnumerable<ParameterSpec> Specs(ModelShape shape, string name, double deviation)
    {
        long width = shape.Width;
        yield return new ParameterSpec($"{name}.qkv.weight", [3 * width, width], deviation);
        yield return new ParameterSpec($"{name}.output.weight", [width, width], deviation / Math.Sqrt(2.0 * shape.Layers));
    }

    /// <summary>(B, T, C) → (B, T, C).</summary>
    public Tensor Forward(Tensor x, long batch, long tokens) =>
        products.Linear(Mix(products.Linear(x, qkvWeight), batch, tokens), outputWeight);

    /// <summary>Queries, keys and values of all heads, (B, T, 3C), to the values that each position sees, (B, T, C).</summary>
    public Tensor Mix(Tensor packed, long batch, long tokens)
    {
        long headWidth = shape.HeadWidth;
        (Tensor q, Tensor k, Tensor v) = ownKernels ? SplitInOne(packed) : Split(packed, batch, tokens); // (B, H, T, D)
        if (mask is null)
        {
            return nn.functional.scaled_dot_product_attention(q, k, v, is_casual: true).transpose(1, 2).reshape(batch, tokens, shape.Width); // (B, T, C)
        }

        // Queries are scaled before the product: T·D multiplications a head in place of T².
        Tensor logits = (q * (1 / Math.Sqrt(headWidth))).matmul(k.transpose(-2, -1)); // (B, H, T, T)
        Tensor weights = (products.Full(logits) + mask.Of(tokens)).softmax(-1);
        return products.Operand(weights).matmul(v).transpose(1, 2).reshape(batch, tokens, shape.Width); // (B, T, C)
    }

    private (Tensor Queries, Tensor Keys, Tensor Values) SplitInOne(Tensor packed)
    {
        (Tensor q, Tensor k, Tensor v) = CudaOperators.SplitHeads(packed, shape.Heads, rotary?.Cosines, rotary?.Sines, shape.QkNorm ? Normalisation.Epsilon : null);
        return (q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2));
    }

    private (Tensor Queries, Tensor Keys, Tensor Values) Split(Tensor packed, long batch, long tokens)
    {
        long heads = shape.Heads, headWidth = shape.HeadWidth;
        Tensor qkv = packed.view(batch, tokens, 3 * heads, headWidth); // (B, T, 3H, D)
        Tensor qk = qkv.narrow(2, 0, 2 * heads); // (B, T, 2H, D)
        if (shape.QkNorm)
            qk = Normalisation.RootMeanSquare(products.Full(qk));
        if (rotary is not null)
            qk = rotary.Rotate(qk, tokens);
        qk = products.Operand(qk);
        return (qk.narrow(2, 0, heads).transpose(1, 2), qk.narrow(2, heads, heads).transpose(1, 2), qkv.narrow(2, 2 * heads, heads).transpose(1, 2));
    }
}
