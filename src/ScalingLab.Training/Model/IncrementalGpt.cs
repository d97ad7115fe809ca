using ScalingLab.Core.Models;

namespace ScalingLab.Training.Model;

/// <summary>A model that reads a text piece by piece and keeps the keys and values of what it has read, so that a further token costs one token's work.</summary>
/// <remarks>
/// Vaswani et al. 2017, arXiv:1706.03762, Eq. 1, one row of queries at a time: under the causal mask the keys and values of earlier
/// tokens never change. The logits are those of <see cref="Gpt.Logits"/> up to rounding. One sequence; no gradients.
/// </remarks>
/// <param name="model">Weights; must outlive this.</param>
public sealed class IncrementalGpt(Gpt model) : IDisposable
{
    private readonly ModelShape shape = model.Shape;
    private readonly ScalarType type = model.Parameters.Values.dtype;
    private readonly RotaryPositions? rotary = model.Shape.Positions == Positions.Rope
        ? new RotaryPositions(model.Shape.ContextTokens, model.Shape.HeadWidth, model.Parameters.Values.dtype, model.Parameters.Device)
        : null;

    private readonly Normalisation finalNorm = new(model.Shape, "final_norm", model.Parameters);
    private readonly Block[] blocks = [.. Enumerable.Range(0, model.Shape.Layers).Select(i => new Block(model, $"blocks.{i}"))];

    /// <summary>Where its scores lie.</summary>
    public Device Device => model.Parameters.Device;

    /// <summary>Tokens read since the start or the last <see cref="Clear"/>; at most the context.</summary>
    public int Length { get; private set; }

    /// <summary>Reads further tokens.</summary>
    /// <param name="tokens">One or more ids; with <see cref="Length"/> at most the context.</param>
    /// <returns>Scores of the token after each of them, (tokens, V); the caller disposes it.</returns>
    /// <exception cref="ArgumentException">No token, or more than the context holds.</exception>
    public Tensor Read(ReadOnlySpan<long> tokens)
    {
        int count = tokens.Length;
        if (count == 0 || count > shape.ContextTokens - Length)
            throw new ArgumentException($"{count} tokens after {Length} do not fit a context of {shape.ContextTokens}.", nameof(tokens));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        Tensor x = ProviderCapabilities.Embedding(tensor(tokens.ToArray(), [1, count]).On(model.Parameters.Device), model.Parameters["token_embedding.weight"]).view(count, shape.Width); // (n, C)
        if (shape.Positions == Positions.Learned)
            x = x + model.Parameters["position_embedding.weight"].narrow(0, Length, count);
        foreach (Block block in blocks)
        {
            x = x + Attend(block, block.AttentionNorm.Forward(x), count);
            x = x + block.Mlp.Forward(block.MlpNorm.Forward(x));
        }

        Length += count;
        Tensor head = model.Parameters[shape.TiedHead ? "token_embedding.weight" : "head.weight"]; // (V, C)
        return nn.functional.linear(finalNorm.Forward(x), head).MoveToOuterDisposeScope();
    }

    /// <summary>Forgets what was read.</summary>
    public void Clear() => Length = 0;

    /// <summary>Frees keys, values and tables; not the model.</summary>
    public void Dispose()
    {
        foreach (Block block in blocks)
            block.Dispose();
        rotary?.Dispose();
    }

    /// <summary>(n, C) → (n, C): the new tokens look at all that were read and at each other.</summary>
    private Tensor Attend(Block block, Tensor x, int count)
    {
        long heads = shape.Heads, headWidth = shape.HeadWidth, all = Length + count;
        Tensor qkv = nn.functional.linear(x, block.QkvWeight).view(1, count, 3 * heads, headWidth); // (1, n, 3H, D)
        Tensor qk = qkv.narrow(2, 0, 2 * heads);
        if (shape.QkNorm)
            qk = Normalisation.RootMeanSquare(qk);
        if (rotary is not null)
            qk = rotary.Rotate(qk, count, Length);
        block.Keys.narrow(1, Length, count).copy_(qk.select(0, 0).narrow(1, heads, heads).transpose(0, 1)); // (H, n, D)
        block.Values.narrow(1, Length, count).copy_(qkv.select(0, 0).narrow(1, 2 * heads, heads).transpose(0, 1));
        Tensor q = qk.select(0, 0).narrow(1, 0, heads).transpose(0, 1) * (1 / Math.Sqrt(headWidth)); // (H, n, D)
        Tensor logits = q.matmul(block.Keys.narrow(1, 0, all).transpose(1, 2)); // (H, n, L + n)
        if (count > 1) // a single token has no future to be kept from
            logits = logits + torch.full([count, all], double.NegativeInfinity, dtype: type, device: model.Parameters.Device).triu(Length + 1);
        Tensor mixed = logits.softmax(-1).matmul(block.Values.narrow(1, 0, all)).transpose(0, 1).reshape(count, shape.Width); // (n, C)
        return nn.functional.linear(mixed, block.OutputWeight);
    }

    private sealed class Block(Gpt model, string name) : IDisposable
    {
        public Normalisation AttentionNorm { get; } = new(model.Shape, $"{name}.attention_norm", model.Parameters);

        public Normalisation MlpNorm { get; } = new(model.Shape, $"{name}.mlp_norm", model.Parameters);

        public Mlp Mlp { get; } = new(model.Shape, $"{name}.mlp", model.Parameters, model.Products, model.Operators.CudaKernels);

        public Tensor QkvWeight { get; } = model.Parameters[$"{name}.attention.qkv.weight"]; // (3C, C)

        public Tensor OutputWeight { get; } = model.Parameters[$"{name}.attention.output.weight"]; // (C, C)

        public Tensor Keys { get; } = Room(model); // (H, T, D)

        public Tensor Values { get; } = Room(model); // (H, T, D)

        public void Dispose()
        {
            Keys.Dispose();
            Values.Dispose();
        }

        private static Tensor Room(Gpt model) =>
            zeros([model.Shape.Heads, model.Shape.ContextTokens, model.Shape.HeadWidth], dtype: model.Parameters.Values.dtype, device: model.Parameters.Device).DetachFromDisposeScope();
    }
}
