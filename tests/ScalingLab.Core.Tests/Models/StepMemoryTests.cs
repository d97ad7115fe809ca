using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;

namespace ScalingLab.Core.Tests.Models;

public class StepMemoryTests
{
    /// <summary>Peak resident bytes that `bench memory --layers L --width d --heads H --vocab V --kernels K` found (16 sequences of 128; libtorch 1.13.1, Debian 12).</summary>
    [Theory]
    [InlineData(2, 64, 2, 256, KernelChoice.Fused, 234e6)]
    [InlineData(2, 64, 2, 256, KernelChoice.Reference, 281e6)]
    [InlineData(4, 128, 4, 2048, KernelChoice.Fused, 295e6)]
    [InlineData(4, 128, 4, 2048, KernelChoice.Reference, 484e6)]
    [InlineData(6, 256, 8, 4096, KernelChoice.Fused, 490e6)]
    [InlineData(6, 256, 8, 4096, KernelChoice.Reference, 971e6)]
    public void The_bound_lies_above_what_was_measured_and_below_twice_that(int layers, int width, int heads, int vocabulary, KernelChoice kernels, double measured)
    {
        var shape = new ModelShape { Layers = layers, Width = width, Heads = heads, ContextTokens = 128, Positions = Positions.Learned };
        Assert.InRange(StepMemory.WorkerBytes(shape, vocabulary, 16 * 128, kernels), measured, 2 * measured);
    }

    /// <summary>The fused head holds the logits of 256 rows a thread and no more than there are, its gradient and its weight packed both ways, however large the vocabulary.</summary>
    [Theory]
    [InlineData(512, 1, 256)]
    [InlineData(4096, 8, 2048)]
    [InlineData(1024, 8, 1024)]
    [InlineData(64, 1, 64)]
    public void A_wide_head_counts_beside_its_parameters(int batchTokens, int threads, int rows)
    {
        var shape = new ModelShape { Layers = 1, Width = 32, Heads = 1, ContextTokens = 64 };
        const int vocabulary = 2_000_000;
        double parameters = 16.0 * ParameterCounts.Of(shape, vocabulary).Total; // values, gradients and two moments
        double head = 4.0 * vocabulary * (rows + (3 * 32));
        Assert.InRange(StepMemory.WorkerBytes(shape, vocabulary, batchTokens, KernelChoice.Fused, threads), 1.2 * (parameters + head), 1.45 * (parameters + head));
    }

    /// <summary>A head of 12 over 33 tokens is kept as one of 16 over 64: queries, keys and values, a log-sum, with QK norm two factors.</summary>
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 3)]
    public void Heads_are_kept_in_whole_vectors(bool qkNorm, int besideRows)
    {
        const int context = 33, heads = 2, width = 24, vocabulary = 256, batchTokens = 8 * context;
        ModelShape Of(int layers) => new() { Layers = layers, Width = width, Heads = heads, ContextTokens = context, Positions = Positions.Learned, QkNorm = qkNorm };
        double Numbers(int layers) => (StepMemory.WorkerBytes(Of(layers), vocabulary, batchTokens, KernelChoice.Fused) / 5) - (4.0 * ParameterCounts.Of(Of(layers), vocabulary).Total);
        double kept = (Numbers(2) - Numbers(1)) / batchTokens; // 5 bytes a number: 4, and a quarter that the allocator cannot reuse
        Assert.Equal((3 * width) + (heads * ((3 * 16) + besideRows) * 64.0 / context) + 4 + Of(1).HiddenWidth, kept, 1e-6 * kept);
    }

    /// <summary>Only the plain composition of attention keeps its matrices for the backward pass: heads · T numbers a token and layer, four times over.</summary>
    [Fact]
    public void On_a_gpu_attention_in_one_operator_saves_its_matrices()
    {
        var shape = new ModelShape { Layers = 3, Width = 64, Heads = 2, ContextTokens = 4096 };
        double matrices = 3 * 4096.0 * 4 * 2 * 4096 * 4;
        double plain = StepMemory.GpuBytes(shape, 256, 4096, attentionMatrices: true), fused = StepMemory.GpuBytes(shape, 256, 4096, attentionMatrices: false);
        Assert.InRange(plain - fused, 0.99 * matrices, 2 * matrices);
    }

    /// <summary>What the plain step took on the CPU, above the program: `bench memory ... --kernels reference` for one run, and for each further one of a stack the
    /// resident peaks of `bench step --stack 4 --kernels reference` and of `--stack 2`, halved (16 sequences of 128; libtorch 1.13.1, Debian 12). A GPU's context comes on top.</summary>
    [Theory]
    [InlineData(2, 64, 2, 256, 81e6, 68e6)]
    [InlineData(4, 128, 4, 2048, 284e6, 460e6)]
    [InlineData(6, 256, 8, 4096, 772e6, 1025e6)]
    public void The_estimate_for_a_gpu_lies_above_what_the_same_tensors_took_on_the_cpu_and_below_twice_that(int layers, int width, int heads, int vocabulary, double alone, double inStack)
    {
        const double context = 800e6;
        var shape = new ModelShape { Layers = layers, Width = width, Heads = heads, ContextTokens = 128, Positions = Positions.Learned, TiedHead = false, QkNorm = false };
        double Stack(int runs) => StepMemory.GpuStackBytes(shape, vocabulary, 16 * 128, runs, 0, attentionMatrices: true);
        Assert.InRange(StepMemory.GpuBytes(shape, vocabulary, 16 * 128, attentionMatrices: true) - context, alone, 2 * alone);
        Assert.InRange((Stack(4) - Stack(2)) / 2, inStack, 2 * inStack);
    }
}
