namespace ScalingLab.Training.Model;

/// <summary>Rotates halves of queries and keys by an angle that grows with position.</summary>
/// <remarks>Su et al. 2021 (RoFormer, arXiv:2104.09864), Eq. 34, in the rotate-half pairing (i, i + d/2) that GPT-NeoX and Llama use.</remarks>
internal sealed class RotaryPositions : IDisposable
{
    private const double Base = 10000;

    private readonly int half;

    public RotaryPositions(int contextTokens, int headWidth, ScalarType type, Device device)
    {
        half = headWidth / 2;
        var cos = new double[contextTokens * half];
        var sin = new double[contextTokens * half];
        for (int t = 0; t < contextTokens; t++)
        {
            for (int i = 0; i < half; i++)
            {
                double angle = t * Math.Pow(Base, -2.0 * i / headWidth);
                cos[(t * half) + i] = Math.Cos(angle);
                sin[(t * half) + i] = Math.Sin(angle);
            }
        }

        using DisposeScope scope = NewDisposeScope();
        Cosines = tensor(cos, [contextTokens, 1, half]).to_type(type).On(device).DetachFromDisposeScope();
        Sines = tensor(sin, [contextTokens, 1, half]).to_type(type).On(device).DetachFromDisposeScope();
    }

    /// <summary>Cosines of the angles, (T, 1, D/2).</summary>
    public Tensor Cosines { get; }

    /// <summary>Sines of the angles, (T, 1, D/2).</summary>
    public Tensor Sines { get; }

    /// <summary>(B, T, heads, D) → the same shape; T may be shorter than the context, and begin at a later position.</summary>
    public Tensor Rotate(Tensor x, long tokens, long start = 0)
    {
        Tensor c = Cosines.narrow(0, start, tokens), s = Sines.narrow(0, start, tokens);
        Tensor a = x.narrow(-1, 0, half), b = x.narrow(-1, half, half);
        return cat([(a * c) - (b * s), (b * c) + (a * s)], -1);
    }

    public void Dispose()
    {
        Cosines.Dispose();
        Sines.Dispose();
    }
}
