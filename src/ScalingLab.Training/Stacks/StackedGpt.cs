using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Model;

namespace ScalingLab.Training.Stacks;

/// <summary>Several models of one shape in one forward pass: weights (E, out, in), products in batches of E matrices, a loss a model.</summary>
/// <remarks>
/// Wang et al. 2021, "Horizontally Fused Training Array", arXiv:2102.02344: small models leave a GPU idle, and one operator on
/// E of them takes little longer than on one. The function of each model is that of <see cref="Gpt"/>; only operators of
/// libtorch are used, so that it runs wherever those do, unless our own kernels for GPUs are asked for. Of libtorch's none does
/// layer norm or mean loss for E models at once: they are composed of others, which rounds otherwise, or taken a row at a time,
/// which equals the models alone to the last bit.
/// </remarks>
public sealed class StackedGpt : IDisposable
{
    private readonly ModelShape shape;
    private readonly Products products;
    private readonly AttentionTables tables;
    private readonly bool rowByRow;
    private readonly Gpt first; // its attention serves all rows
    private readonly Tensor firstTokens; // (E, 1): where each model's embeddings begin in the table of all

    /// <summary>Makes the models; all their parameters are zeros.</summary>
    /// <param name="shape">Architecture.</param>
    /// <param name="vocabulary">Number of token ids.</param>
    /// <param name="rows">E, 1 or more.</param>
    /// <param name="type">float32, or float64 for checks.</param>
    /// <param name="device">Where they live; null for the CPU.</param>
    /// <param name="dtype">Type of their products.</param>
    /// <param name="kernels">Libtorch's operator for attention, where the device has it, or the plain composition; our own operators of the CPU serve one model.</param>
    /// <param name="operators">Operators in place of those that <paramref name="kernels"/> and the device give.</param>
    /// <param name="rowByRow">Take layer norms and mean losses a model at a time; null for so on the CPU, where it costs nothing, and for one model.</param>
    public StackedGpt(ModelShape shape, int vocabulary, int rows, ScalarType type = ScalarType.Float32, Device? device = null, ProductType dtype = ProductType.Fp32, KernelChoice kernels = KernelChoice.Reference, bool? rowByRow = null, StepOperators? operators = null)
    {
        this.shape = shape;
        Device where = device ?? CPU;
        this.rowByRow = rowByRow ?? (rows == 1 || Placement.IsCpu(where));
        products = new Products(dtype);
        Operators = (operators ?? StepOperators.For(kernels, dtype, where)) with { Own = false };
        tables = new AttentionTables(shape, type, where, Operators);
        Vocabulary = vocabulary;
        Parameters = new StackedParameters([.. Gpt.Specs(shape, vocabulary, null)], rows, type, device);
        first = Row(0, null);
        using DisposeScope scope = NewDisposeScope();
        firstTokens = arange(0L, (long)rows, 1L, ScalarType.Int64, device).view(rows, 1).mul_((long)vocabulary).DetachFromDisposeScope();
    }

    /// <summary>Number of token ids.</summary>
    public int Vocabulary { get; }

    /// <summary>What a step is made of.</summary>
    public StepOperators Operators { get; }

    /// <summary>Parameters and gradients of all models.</summary>
    public StackedParameters Parameters { get; }

    private Tensor Head => Parameters[shape.TiedHead ? "token_embedding.weight" : "head.weight"]; // (E, V, C)

    /// <summary>One of the models by itself, in the memory of its row: to initialise, load, save and evaluate it.</summary>
    /// <param name="row">0 to below E.</param>
    /// <param name="initStandardDeviation">Of its initial weights; null for 0.5 / √width.</param>
    public Gpt Row(int row, double? initStandardDeviation) =>
        new(shape, Vocabulary, Parameters.Row(row, [.. Gpt.Specs(shape, Vocabulary, initStandardDeviation)]), products, Operators, tables);

    /// <summary>Mean cross-entropy of each model on its own batch, nats per token.</summary>
    /// <param name="inputs">Token ids, (E, B, T) with T at most the context.</param>
    /// <param name="targets">Next token of each, (E, B, T).</param>
    /// <returns>(E).</returns>
    public Tensor Losses(Tensor inputs, Tensor targets)
    {
        long[] sizes = inputs.shape;
        long rows = sizes[0], batch = sizes[1], tokens = sizes[2], width = shape.Width;
        Tensor table = Parameters["token_embedding.weight"].reshape(rows * Vocabulary, width);
        Tensor x = ProviderCapabilities.Embedding(inputs.reshape(rows, batch * tokens) + firstTokens, table); // (E, B·T, C)
        if (shape.Positions == Positions.Learned)
            x = (x.view(rows, batch, tokens, width) + Parameters["position_embedding.weight"].narrow(1, 0, tokens).unsqueeze(1)).view(rows, batch * tokens, width);
        Tensor? branch = null; // of the stream, which the next norm adds to it
        Tensor normed;
        for (int i = 0; i < shape.Layers; i++)
        {
            (x, normed) = Norm(x, branch, $"blocks.{i}.attention_norm");
            Tensor qkv = Linear(normed, $"blocks.{i}.attention.qkv.weight"); // (E, B·T, 3C)
            Tensor mixed = first.Mix(qkv.view(rows * batch, tokens, 3 * width), rows * batch, tokens); // (E·B, T, C)
            (x, normed) = Norm(x, Linear(mixed.view(rows, batch * tokens, width), $"blocks.{i}.attention.output.weight"), $"blocks.{i}.mlp_norm");
            branch = Mlp(normed, $"blocks.{i}.mlp");
        }

        (_, normed) = Norm(x, branch, "final_norm");
        Tensor scores = Linear(normed, Head); // (E, B·T, V)
        if (Operators.CudaKernels)
            return CudaOperators.CrossEntropyInPlace(scores, targets);
        Tensor logits = products.Full(scores);
        return rowByRow
            ? EachRow(row => nn.functional.cross_entropy(logits.select(0, row), targets.select(0, row).reshape(-1)))
            : nn.functional.cross_entropy(logits.view(-1, Vocabulary), targets.reshape(-1), reduction: nn.Reduction.None).view(rows, batch * tokens).mean([1]);
    }

    /// <summary>Frees parameters and tables.</summary>
    public void Dispose()
    {
        first.Dispose();
        firstTokens.Dispose();
        tables.Mask?.Dispose();
        tables.Rotary?.Dispose();
        Parameters.Dispose();
    }

    private Tensor Linear(Tensor x, string weight) => Linear(x, Parameters[weight]);

    /// <summary>(E, n, in) × (E, out, in) → (E, n, out).</summary>
    private Tensor Linear(Tensor x, Tensor weight) => products.Operand(x).bmm(products.Operand(weight).transpose(1, 2));

    /// <summary>The stream after the addition of a branch, and its norm: (E, n, C) both.</summary>
    private (Tensor Sum, Tensor Normed) Norm(Tensor x, Tensor? branch, string name)
    {
        Tensor weight = Parameters[$"{name}.weight"]; // (E, C)
        Tensor? bias = shape.Norm == Core.Models.Norm.LayerNorm ? Parameters[$"{name}.bias"] : null;
        if (Operators.CudaKernels && shape.Width <= CudaOperators.WidestNorm)
            return CudaOperators.StackedNorm(x, branch, weight, bias, Normalisation.Epsilon, products.Rounds);
        Tensor sum = branch is null ? x : x + branch;
        return (sum, bias is null ? Normalisation.RootMeanSquare(sum) * weight.unsqueeze(1) : LayerNorm(sum, weight, bias));
    }

    private Tensor LayerNorm(Tensor x, Tensor weight, Tensor bias) =>
        rowByRow
            ? EachRow(row => nn.functional.layer_norm(x.select(0, row), [shape.Width], weight.select(0, row), bias.select(0, row), Normalisation.Epsilon))
            : (nn.functional.layer_norm(x, [shape.Width], null, null, Normalisation.Epsilon) * weight.unsqueeze(1)) + bias.unsqueeze(1);

    private Tensor EachRow(Func<int, Tensor> of) => Parameters.Rows == 1 ? of(0).unsqueeze(0) : cat([.. Enumerable.Range(0, Parameters.Rows).Select(row => of(row).unsqueeze(0))]);

    private Tensor Mlp(Tensor x, string name)
    {
        Tensor? gate = shape.Activation == Activation.SwiGlu ? Linear(x, $"{name}.gate.weight") : null;
        return Linear(Model.Mlp.Activate(shape.Activation, Linear(x, $"{name}.input.weight"), gate, Operators.CudaKernels), $"{name}.output.weight");
    }
}
