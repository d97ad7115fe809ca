using ScalingLab.Core.Models;

namespace ScalingLab.Planning.Models;

/// <summary>The dimensions that memory, attention FLOPs and the KV cache depend on.</summary>
/// <param name="Layers">l, blocks.</param>
/// <param name="Width">h, width of the residual stream.</param>
/// <param name="Heads">a, query heads.</param>
/// <param name="KvHeads">Key and value heads: fewer than <paramref name="Heads"/> with grouped queries (Ainslie et al. 2023, arXiv:2305.13245).</param>
/// <param name="HeadWidth">Width of a head.</param>
/// <param name="MlpWidth">Width of the MLP's hidden layer, of one expert where there are several.</param>
/// <param name="Gated">Whether the MLP has a gate, thus three matrices.</param>
/// <param name="Vocabulary">V.</param>
/// <param name="Context">s, tokens of a sequence.</param>
public sealed record TransformerShape(int Layers, int Width, int Heads, int KvHeads, int HeadWidth, int MlpWidth, bool Gated, int Vocabulary, int Context)
{
    private const int Aspect = 128; // width over layers of GPT-3 175B: 12288 and 96
    private const int UsualHead = 128;

    /// <summary>Width of all heads together: h of the attention products.</summary>
    public double AttentionWidth => (double)Heads * HeadWidth;

    /// <summary>Parameters by this shape: attention with grouped queries, MLPs, two embeddings; norms and biases left out.</summary>
    public double Parameters(int experts = 1) => Layers * (2.0 * Width * AttentionWidth + 2.0 * Width * KvHeads * HeadWidth + experts * (Gated ? 3.0 : 2) * Width * MlpWidth) + 2.0 * Vocabulary * Width;

    /// <summary>The shape as the counting functions of the trainer take it; they know no grouped queries.</summary>
    public ModelShape ForCounting => new()
    {
        Layers = Layers,
        Width = Width,
        Heads = Heads,
        ContextTokens = Context,
        MlpWidth = MlpWidth,
        Activation = Gated ? Activation.SwiGlu : Activation.Gelu,
        TiedHead = false,
    };

    /// <summary>A guess from the number of parameters alone: 12·l·h², h = 128·l as in GPT-3, heads of 128 without grouping, both rounded to what ranks and stages divide.</summary>
    public static TransformerShape Guess(double parameters)
    {
        int layers = Rounded(Math.Cbrt(parameters / (12.0 * Aspect * Aspect)));
        int heads = Rounded(Math.Sqrt(parameters / (12.0 * layers)) / UsualHead);
        return new(layers, heads * UsualHead, heads, heads, UsualHead, 4 * heads * UsualHead, false, 50_000, 2048);
    }

    // To a multiple of 8 from 12 up, of 4 from 6 up.
    private static int Rounded(double value)
    {
        int step = value >= 12 ? 8 : value >= 6 ? 4 : 1;
        return (int)Math.Clamp(Math.Round(value / step) * step, 1, 100_000);
    }
}
