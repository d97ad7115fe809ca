using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Models;

/// <summary>Normalisation layer.</summary>
public enum Norm
{
    /// <summary>Layer norm with weight and bias (Ba et al. 2016, arXiv:1607.06450).</summary>
    LayerNorm,

    /// <summary>Root-mean-square norm with weight (Zhang and Sennrich 2019, arXiv:1910.07467).</summary>
    RmsNorm,
}

/// <summary>Non-linearity of the MLP.</summary>
public enum Activation
{
    /// <summary>Gaussian error linear unit, exact form (Hendrycks and Gimpel 2016, arXiv:1606.08415).</summary>
    Gelu,

    /// <summary>Squared ReLU (So et al. 2021, arXiv:2109.08668).</summary>
    Relu2,

    /// <summary>SiLU-gated linear unit with three matrices (Shazeer 2020, arXiv:2002.05202).</summary>
    SwiGlu,
}

/// <summary>How a token knows its position.</summary>
public enum Positions
{
    /// <summary>A learned vector per position, added to the token's.</summary>
    Learned,

    /// <summary>Rotary embedding of queries and keys, rotate-half form (Su et al. 2021, arXiv:2104.09864).</summary>
    Rope,

    /// <summary>None: only the causal mask orders tokens.</summary>
    None,
}

/// <summary>Architecture of a decoder-only pre-norm transformer; all linear maps are without bias.</summary>
public sealed record ModelShape
{
    /// <summary>Number of blocks, 1 or more.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Width of the residual stream; a multiple of <see cref="Heads"/>.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Attention heads a layer.</summary>
    public int Heads { get; init; } = 2;

    /// <summary>Longest context, in tokens.</summary>
    public int ContextTokens { get; init; } = 128;

    /// <summary>Width of the MLP's hidden layer; null for 4 × width (8/3 × width rounded up to a multiple of 8 with SwiGLU).</summary>
    public int? MlpWidth { get; init; }

    /// <summary>Normalisation before attention, before the MLP and before the head.</summary>
    public Norm Norm { get; init; } = Norm.LayerNorm;

    /// <summary>Non-linearity of the MLP.</summary>
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>Position information.</summary>
    public Positions Positions { get; init; } = Positions.Rope;

    /// <summary>Normalise queries and keys per head, without weights, before attention (Henry et al. 2020, arXiv:2010.04245).</summary>
    public bool QkNorm { get; init; } = true;

    /// <summary>Use the token embedding's matrix as the output head too.</summary>
    public bool TiedHead { get; init; } = true;

    /// <summary>Width of one head.</summary>
    public int HeadWidth => Width / Heads;

    /// <summary>Width of the MLP's hidden layer, default resolved.</summary>
    public int HiddenWidth => MlpWidth ?? (Activation == Activation.SwiGlu ? (8 * Width / 3 + 7) / 8 * 8 : 4 * Width);

    /// <summary>Readable name of the size, e.g. <c>L2-d64</c>.</summary>
    public string SizeName => $"L{Layers}-d{Width}";

    /// <summary>What is wrong with the members taken together; each alone is bounded where it is read.</summary>
    public IEnumerable<Problem> Problems()
    {
        if (Width % Heads != 0)
            yield return new Problem("width", $"width {Width} is not a multiple of heads {Heads}", $"try {Near(Width, Heads)}");
        else if (Positions == Positions.Rope && HeadWidth % 2 != 0)
            yield return new Problem("width", $"width {Width} over heads {Heads} is {HeadWidth}, and rope turns the entries of a head in pairs", $"try width {Near(Width, 2 * Heads)}, or positions: learned");
    }

    /// <summary>The multiples of a step on either side of a value: <c>96 or 102</c>.</summary>
    internal static string Near(int value, int step)
    {
        int below = value / step * step;
        return below == 0 ? $"{step}" : $"{below} or {below + step}";
    }
}
