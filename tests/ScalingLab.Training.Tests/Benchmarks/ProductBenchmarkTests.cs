using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Benchmarks;

namespace ScalingLab.Training.Tests.Benchmarks;

public sealed class ProductBenchmarkTests
{
    private static readonly ModelShape Shape = new() { Layers = 1, Width = 16, Heads = 2, ContextTokens = 8, Positions = Positions.Rope };

    [Fact]
    public void A_product_of_m_by_k_and_k_by_n_takes_2mnk_FLOPs() => Assert.Equal(210, new Product("", ProductKind.Forward, 3, 5, 7).Flops);

    [Theory]
    [InlineData(ProductKind.Forward)]
    [InlineData(ProductKind.InputGradient)]
    [InlineData(ProductKind.WeightGradient)]
    public void Each_kind_runs_the_product_it_says(ProductKind kind)
    {
        var product = new Product("", kind, 3, 5, 7);
        Timings times = default;
        MeasuredFlops? measured = ProviderCapabilities.MeasureFlops(() => times = ProductBenchmark.Time(product, 1e-9));
        Assert.True(times.Min > 0);
        if (ProviderCapabilities.MeasuresFlops)
            Assert.Equal(6 * product.Flops, measured!.Forward); // five timed, one before
    }

    [Fact]
    public void The_products_of_a_model_are_those_that_its_linear_maps_dispatch()
    {
        const int vocabulary = 50, batch = 3;
        double attention = 3 * AttentionBenchmark.ForwardFlops(Shape, batch);
        double step = FlopCounts.MatrixProducts(Shape, vocabulary) * batch * Shape.ContextTokens;
        Assert.Equal(step, Product.OfModel(Shape, vocabulary, batch).Sum(p => p.Flops) + attention);
    }

    [Theory]
    [InlineData(KernelChoice.Fused)]
    [InlineData(KernelChoice.Reference)]
    public void Attention_dispatches_the_FLOPs_that_its_rate_is_of(KernelChoice kernels)
    {
        if (!ProviderCapabilities.MeasuresFlops)
            return;
        MeasuredFlops measured = ProviderCapabilities.MeasureFlops(() => AttentionBenchmark.Time(Shape, 3, kernels, 1e-9))!;
        double forward = AttentionBenchmark.ForwardFlops(Shape, 3);
        Assert.Equal((12 * forward, 12 * 2 * forward), (measured.Forward, measured.Backward)); // six of each
    }

    [Fact]
    public void Memory_that_is_touched_shows_in_the_peak()
    {
        if (MemoryBenchmark.Resident() is not { } before || !MemoryBenchmark.ResetPeak())
            return; // not a Linux that counts it
        const int bytes = 64 << 20;
        using (Tensor touched = ones([bytes / sizeof(float)]))
            Assert.Equal([bytes / sizeof(float)], touched.shape);
        (_, long peak) = MemoryBenchmark.Resident()!.Value;
        Assert.InRange(peak - before.Now, bytes / 2, 4L * bytes);
    }
}
