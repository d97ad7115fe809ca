namespace ScalingLab.Training.Model;

/// <summary>0 where a query may look, minus infinity where the key lies in its future; added to attention's logits.</summary>
internal sealed class CausalMask : IDisposable
{
    private readonly Tensor full; // (T, T)

    public CausalMask(int contextTokens, ScalarType type, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        full = torch.full([contextTokens, contextTokens], double.NegativeInfinity, dtype: type, device: device).triu(1).DetachFromDisposeScope();
    }

    /// <summary>(tokens, tokens).</summary>
    public Tensor Of(long tokens) => full.narrow(0, 0, tokens).narrow(1, 0, tokens);

    public void Dispose() => full.Dispose();
}
