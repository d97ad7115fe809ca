using BenchmarkDotNet.Attributes;
using ScalingLab.Torch;
using static ScalingLab.Torch.torch;

namespace ScalingLab.Bench.Operators;

/// <summary>Each fused operator beside the plain composition of libtorch's that it stands for, forward and backward, on one thread: width 128, four heads, 16 sequences of 128, vocabulary 2048.</summary>
/// <remarks>Both go through the boxed call. Their values are compared before anything is timed.</remarks>
public class OperatorBenchmarks
{
    private const long Batch = 16, Context = 128, Width = 128, Heads = 4, Vocabulary = 2048, Rows = Batch * Context;
    private const double Epsilon = 1e-5, Tolerance = 1e-4; // relative, of a sum of float32

    private readonly Dictionary<string, Tensor> tensors = [];

    /// <summary>Fused operators, or libtorch's one by one.</summary>
    [Params(false, true)]
    public bool Fused { get; set; }

    /// <summary>Makes the operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Engine.EnsureLoaded(); // on one thread unless told otherwise
        random.manual_seed(1);
        Make("x", 1, Batch, Context, Width);
        Make("qkv", 1, Batch, Context, 3 * Width);
        Make("gain", 1, Width);
        Make("bias", 1, Width);
        Make("input", 0.1, 4 * Width, Width);
        Make("output", 0.1, Width, 4 * Width);
        Make("head", 0.1, Vocabulary, Width);
        tensors["mask"] = full([Context, Context], double.NegativeInfinity).triu(1);
        tensors["targets"] = tensor([.. Enumerable.Range(0, (int)Rows).Select(i => i * 7919L % Vocabulary)], [Rows]);
        foreach (Func<Tensor> forward in new Func<Tensor>[] { AttentionForward, MlpForward, HeadLossForward })
            Compare(forward);
    }

    /// <summary>Causal attention from packed queries, keys and values.</summary>
    [Benchmark]
    public void Attention() => Run(AttentionForward, "qkv");

    /// <summary>Layer norm, linear map, GELU, linear map, residual addition.</summary>
    [Benchmark]
    public void Mlp() => Run(MlpForward, "x", "gain", "bias", "input", "output");

    /// <summary>Layer norm, output projection and cross-entropy.</summary>
    [Benchmark]
    public void HeadLoss() => Run(HeadLossForward, "x", "gain", "bias", "head");

    private Tensor AttentionForward()
    {
        Tensor qkv = tensors["qkv"];
        if (Fused)
            return FusedOperators.CausalAttention(qkv, Heads);
        Tensor split = qkv.view(Batch, Context, 3 * Heads, Width / Heads);
        Tensor q = split.narrow(2, 0, Heads).transpose(1, 2), k = split.narrow(2, Heads, Heads).permute(0, 2, 3, 1), v = split.narrow(2, 2 * Heads, Heads).transpose(1, 2);
        Tensor weights = ((q * (1 / Math.Sqrt(Width / Heads))).matmul(k) + tensors["mask"]).softmax(-1);
        return weights.matmul(v).transpose(1, 2).reshape(Batch, Context, Width);
    }

    private PreNorm Norm => new(tensors["gain"], tensors["bias"], Epsilon);

    private Tensor Normed => nn.functional.layer_norm(tensors["x"], [Width], tensors["gain"], tensors["bias"], Epsilon);

    private Tensor MlpForward() => Fused
        ? FusedOperators.Mlp(tensors["x"], tensors["input"], null, tensors["output"], "gelu", Norm)
        : tensors["x"] + nn.functional.linear(nn.functional.gelu(nn.functional.linear(Normed, tensors["input"])), tensors["output"]);

    private Tensor HeadLossForward() => Fused
        ? FusedOperators.HeadLoss(tensors["x"], tensors["head"], tensors["targets"], Norm)
        : nn.functional.cross_entropy(nn.functional.linear(Normed, tensors["head"]).view(-1, Vocabulary), tensors["targets"]);

    private void Make(string name, double scale, params long[] shape) => tensors[name] = (randn(shape) * scale).detach().requires_grad_();

    private void Run(Func<Tensor> forward, params string[] inputs)
    {
        using DisposeScope scope = NewDisposeScope();
        _ = autograd.grad([forward().square().sum()], [.. inputs.Select(name => tensors[name])]);
    }

    private void Compare(Func<Tensor> forward)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        bool chosen = Fused;
        Fused = true;
        Tensor fused = forward();
        Fused = false;
        Tensor plain = forward();
        Fused = chosen;
        if (!((fused - plain).norm().ToDouble() <= Tolerance * plain.norm().ToDouble()))
            throw new InvalidOperationException($"{forward.Method.Name}: the fused operator gives other values; its time means nothing.");
    }
}
