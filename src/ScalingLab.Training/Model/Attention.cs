using ScalingLab.Core.Models;

namespace ScalingLab.Training.Model;

/// <summary>Causal self-attention, all heads at once.</summary>
/// <remarks>Vaswani et al. 2017, arXiv:1706.03762, Eq. 1. Forward cost of the two products: 4·B·T²·C FLOPs, mask not exploited.</remarks>
internal sealed class Attention(ModelShape shape, string name, ParameterSet parameters, CausalMask mask, RotaryPositions? rotary)
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
        nn.functional.linear(Mix(nn.functional.linear(x, qkvWeight), batch, tokens), outputWeight);

    /// <summary>Queries, keys and values of all heads, (B, T, 3C), to the values that each position sees, (B, T, C).</summary>
    public Tensor Mix(Tensor packed, long batch, long tokens)
    {
        long heads = shape.Heads, headWidth = shape.HeadWidth;
        Tensor qkv = packed.view(batch, tokens, 3 * heads, headWidth); // (B, T, 3H, D)
        Tensor qk = qkv.narrow(2, 0, 2 * heads); // (B, T, 2H, D)
        if (shape.QkNorm)
            qk = Normalisation.RootMeanSquare(qk);
        if (rotary is not null)
            qk = rotary.Rotate(qk, tokens);
        Tensor q = qk.narrow(2, 0, heads).transpose(1, 2); // (B, H, T, D)
        Tensor k = qk.narrow(2, heads, heads).permute(0, 2, 3, 1); // (B, H, D, T)
        Tensor v = qkv.narrow(2, 2 * heads, heads).transpose(1, 2); // (B, H, T, D)

        // Queries are scaled before the product: T·D multiplications a head in place of T².
        Tensor logits = (q * (1 / Math.Sqrt(headWidth))).matmul(k); // (B, H, T, T)
        Tensor weights = (logits + mask.Of(tokens)).softmax(-1);
        return weights.matmul(v).transpose(1, 2).reshape(batch, tokens, shape.Width); // (B, T, C)
    }
}
