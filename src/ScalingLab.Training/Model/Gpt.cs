using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;

namespace ScalingLab.Training.Model;

/// <summary>A decoder-only transformer, pre-norm, without biases in linear maps and without dropout.</summary>
/// <remarks>Radford et al. 2019 (GPT-2) in its layout; see <see cref="ModelShape"/> for the switches.</remarks>
public sealed class Gpt : IDisposable
{
    private readonly List<(Normalisation AttentionNorm, Attention Attention, Normalisation MlpNorm, Mlp Mlp)> blocks = [];
    private readonly Normalisation finalNorm;
    private readonly CausalMask? mask; // null where attention masks by itself
    private readonly RotaryPositions? rotary;
    private readonly FusedForward? fused;

    /// <summary>Makes the model; its parameters are zeros and ones until they are initialised or loaded.</summary>
    /// <param name="shape">Architecture.</param>
    /// <param name="vocabulary">Number of token ids.</param>
    /// <param name="initStandardDeviation">Of weights; null for 0.5 / √width, which is GPT-2's 0.02 near width 768.</param>
    /// <param name="type">float32, or float64 for gradient checks.</param>
    /// <param name="kernels">Fused operators, where the provider and the device have them, or the plain composition of libtorch's.</param>
    /// <param name="device">Where it lies; null for the CPU.</param>
    /// <param name="dtype">Type of its products.</param>
    /// <param name="operators">Operators in place of those that <paramref name="kernels"/> and the device give.</param>
    public Gpt(
        ModelShape shape,
        int vocabulary,
        double? initStandardDeviation = null,
        ScalarType type = ScalarType.Float32,
        KernelChoice kernels = KernelChoice.Fused,
        Device? device = null,
        ProductType dtype = ProductType.Fp32,
        StepOperators? operators = null)
        : this(
            shape,
            vocabulary,
            new ParameterSet([.. Specs(shape, vocabulary, initStandardDeviation)], type, device),
            new Products(dtype),
            operators ?? StepOperators.For(kernels, dtype, device ?? CPU),
            new AttentionTables(shape, type, device ?? CPU, operators ?? StepOperators.For(kernels, dtype, device ?? CPU)))
    {
    }

    /// <summary>A model over parameters and tables that are there already, and are freed with it.</summary>
    internal Gpt(ModelShape shape, int vocabulary, ParameterSet parameters, Products products, StepOperators operators, AttentionTables tables)
    {
        Shape = shape;
        Vocabulary = vocabulary;
        Parameters = parameters;
        Operators = operators;
        Products = products;
        mask = tables.Mask;
        rotary = tables.Rotary;
        for (int i = 0; i < shape.Layers; i++)
        {
            blocks.Add((
                new Normalisation(shape, $"blocks.{i}.attention_norm", Parameters),
                new Attention(shape, $"blocks.{i}.attention", Parameters, Products, mask, rotary, Operators.CudaKernels),
                new Normalisation(shape, $"blocks.{i}.mlp_norm", Parameters),
                new Mlp(shape, $"blocks.{i}.mlp", Parameters, Products, Operators.CudaKernels)));
        }

        finalNorm = new Normalisation(shape, "final_norm", Parameters);
        fused = Operators.Own ? new FusedForward(shape, Parameters, rotary) : null;
    }

    /// <summary>Architecture.</summary>
    public ModelShape Shape { get; }

    /// <summary>Number of token ids.</summary>
    public int Vocabulary { get; }

    /// <summary>Parameters and gradients.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>What a step of it is made of.</summary>
    public StepOperators Operators { get; }

    /// <summary>Type of its products.</summary>
    internal Products Products { get; }

    private Tensor Head => Parameters[Shape.TiedHead ? "token_embedding.weight" : "head.weight"]; // (V, C)

    /// <summary>Scores of the next token.</summary>
    /// <param name="inputs">Token ids, (B, T) with T at most the context.</param>
    /// <returns>(B·T, V).</returns>
    public Tensor Logits(Tensor inputs)
    {
        long[] sizes = inputs.shape;
        long batch = sizes[0], tokens = sizes[1];
        if (tokens > Shape.ContextTokens)
            throw new ArgumentException($"{tokens} tokens are more than the context of {Shape.ContextTokens}.", nameof(inputs));
        if (fused is not null)
            return LogitsOf(fused.Stream(inputs));
        Tensor x = ProviderCapabilities.Embedding(inputs, Parameters["token_embedding.weight"]); // (B, T, C)
        if (Shape.Positions == Positions.Learned)
            x = x + Parameters["position_embedding.weight"].narrow(0, 0, tokens);
        return LogitsOf(x, batch, tokens);
    }

    /// <summary>The plain composition from embedded tokens on: (B, T, C) → (B·T, V).</summary>
    internal Tensor LogitsOf(Tensor x, long batch, long tokens)
    {
        foreach ((Normalisation attentionNorm, Attention attention, Normalisation mlpNorm, Mlp mlp) in blocks)
        {
            x = x + attention.Forward(attentionNorm.Forward(x), batch, tokens);
            x = x + mlp.Forward(mlpNorm.Forward(x));
        }

        return LogitsOf(x);
    }

    private Tensor LogitsOf(Tensor stream) => Products.Linear(finalNorm.Forward(stream), Head).view(-1, Vocabulary);

    /// <summary>Scores after each token of one text, without gradients.</summary>
    /// <param name="ids">Token ids, 1 to as many as the context holds.</param>
    /// <returns>The little-endian float32 of (tokens, V).</returns>
    public byte[] LogitsOf(long[] ids)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        return Logits(tensor(ids, [1, ids.Length]).On(Parameters.Device)).to_type(ScalarType.Float32).From(Parameters.Device).contiguous().bytes.ToArray();
    }

    /// <summary>Mean cross-entropy in nats per token.</summary>
    /// <param name="inputs">Token ids, (B, T).</param>
    /// <param name="targets">Next token of each, (B·T).</param>
    public Tensor Loss(Tensor inputs, Tensor targets) => fused?.Loss(inputs, targets)
        ?? (Operators.CudaKernels
            ? CudaOperators.CrossEntropyInPlace(Logits(inputs).unsqueeze(0), targets).select(0, 0)
            : nn.functional.cross_entropy(Products.Full(Logits(inputs)), targets));

    /// <summary>Attention of the first block without its linear maps, for timing: (B, T, 3C) → (B, T, C).</summary>
    internal Tensor Mix(Tensor qkv, long batch, long tokens) => fused?.Mix(qkv) ?? blocks[0].Attention.Mix(qkv, batch, tokens);

    /// <summary>Frees parameters and tables.</summary>
    public void Dispose()
    {
        Parameters.Dispose();
        mask?.Dispose();
        rotary?.Dispose();
    }

    /// <summary>The parameters in the order of the model.</summary>
    /// <param name="shape">Architecture.</param>
    /// <param name="vocabulary">Number of token ids.</param>
    /// <param name="initStandardDeviation">Of weights; null for 0.5 / √width.</param>
    internal static IEnumerable<ParameterSpec> Specs(ModelShape shape, int vocabulary, double? initStandardDeviation)
    {
        double deviation = initStandardDeviation ?? 0.5 / Math.Sqrt(shape.Width);
        var specs = new List<ParameterSpec> { new("token_embedding.weight", [vocabulary, shape.Width], deviation) };
        if (shape.Positions == Positions.Learned)
            specs.Add(new ParameterSpec("position_embedding.weight", [shape.ContextTokens, shape.Width], deviation));
        for (int i = 0; i < shape.Layers; i++)
        {
            specs.AddRange(Normalisation.Specs(shape, $"blocks.{i}.attention_norm"));
            specs.AddRange(Attention.Specs(shape, $"blocks.{i}.attention", deviation));
            specs.AddRange(Normalisation.Specs(shape, $"blocks.{i}.mlp_norm"));
            specs.AddRange(Mlp.Specs(shape, $"blocks.{i}.mlp", deviation));
        }

        specs.AddRange(Normalisation.Specs(shape, "final_norm"));
        if (!shape.TiedHead)
            specs.Add(new ParameterSpec("head.weight", [vocabulary, shape.Width], deviation));
        return specs;
    }
}
