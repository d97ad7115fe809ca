using FsCheck;
using FsCheck.Fluent;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Memory;
using ScalingLab.Planning.Models;
using ScalingLab.Planning.Reference;

namespace ScalingLab.Planning.Tests.Memory;

public class TrainingMemoryTests
{
    private static readonly ModelSize Llama = ModelSize.Named("llama-3-8b");
    private static readonly Accelerator H100 = Accelerator.Named("h100");

    /// <summary>Rajbhandari et al. 2020, arXiv:1910.02054, Fig. 1: 7.5 billion parameters on 64 devices take 120, 31.4, 16.6 and 1.9 GB.</summary>
    [Theory, InlineData(0, 120), InlineData(1, 31.4), InlineData(2, 16.6), InlineData(3, 1.9)]
    public void The_stages_of_ZeRO_take_what_its_paper_prints(int stage, double gigabytes)
    {
        var model = new ModelSize(7.5e9, 7.5e9, TransformerShape.Guess(7.5e9), ModelSize.Guessed);
        var bytes = TrainingMemory.Of(model, new Layout(1, 1, 64, stage));
        Assert.Equal(gigabytes, (bytes.Weights + bytes.Gradients + bytes.Optimizer) / 1e9, 0.05);
    }

    /// <summary>Korthikanti et al. 2022, arXiv:2205.05198, Table 2: 34 + 5·a·s/h bytes a value of s·b·h, which is 80·34 for GPT-3 with 5as/h = 80.</summary>
    [Fact]
    public void Activations_of_GPT_3_are_those_of_the_paper()
    {
        var shape = ModelSize.Named("gpt-3").Shape;
        double sbh = 2048.0 * 12288, layers = 96;
        Assert.Equal(80, 5.0 * shape.Heads * shape.Context / shape.Width, 1e-12);
        double Layer(Layout l) => (TrainingMemory.Activations(shape, l) / sbh - (double)l.Pipeline / l.Tensor) / layers;
        Assert.Equal(34 + 80, Layer(new Layout(1, 8, 1, 0, 1, false, Recompute.None)), 1e-9);
        Assert.Equal(34, Layer(new Layout(1, 8, 1, 0)), 1e-9);
        Assert.Equal(10 + (24 + 80) / 8.0, Layer(new Layout(8, 8, 1, 0, 1, false, Recompute.None)), 1e-9);
        Assert.Equal((34 + 80) / 8.0, Layer(new Layout(8, 8, 1, 0, 1, true, Recompute.None)), 1e-9);
        Assert.Equal(2, Layer(new Layout(8, 8, 1, 0, 1, false, Recompute.Full)), 1e-9);
    }

    [Fact]
    public void Memory_never_grows_with_more_ranks_stages_copies_or_ZeRO()
    {
        var layouts = from t in Gen.Elements(1, 2, 4, 8) from p in Gen.Elements(1, 2, 4, 8) from d in Gen.Choose(1, 64) from zero in Gen.Choose(0, 3) select new Layout(t, p, d, zero);
        Prop.ForAll(layouts.ToArbitrary(), l =>
        {
            double total = Parameters(l);
            return Parameters(l with { Tensor = 2 * l.Tensor }) < total && Parameters(l with { Pipeline = 2 * l.Pipeline }) < total && Parameters(l with { Data = l.Data + 1 }) <= total
                && (l.Zero == 3 || Parameters(l with { Zero = l.Zero + 1 }) <= total) && TrainingMemory.Activations(Llama.Shape, l with { MicroBatch = 2 }) > TrainingMemory.Activations(Llama.Shape, l);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(20240405, 1));

        static double Parameters(Layout l) => TrainingMemory.Of(Llama, l) is var b ? b.Weights + b.Gradients + b.Optimizer : 0;
    }

    [Fact]
    public void The_smallest_layout_fits_and_no_other_of_fewer_devices_does()
    {
        double usable = H100.MemoryBytes * 0.9;
        var smallest = LayoutSearch.Smallest(Llama, usable, new())!;
        Assert.True(TrainingMemory.Of(Llama, smallest).Total <= usable);
        for (int devices = 1; devices < smallest.Devices; devices++)
            foreach (int t in new[] { 1, 2, 4, 8 })
                foreach (int p in new[] { 1, 2, 4, 8, 16, 32 })
                    foreach (int zero in Enumerable.Range(0, 4))
                        if (devices % (t * p) == 0 && (zero <= 1 || p == 1))
                            Assert.False(TrainingMemory.Of(Llama, new Layout(t, p, devices / t / p, zero, 1, t > 1)).Total <= usable, $"{devices}: {t} {p} {zero}");
    }

    [Theory]
    [InlineData(1, null, null, "do not fit: at best", "the smallest layout that fits has")]
    [InlineData(8, 3, null, "--tp 3 does not divide the 32 heads", "try 2 or 4")]
    [InlineData(8, null, 5, "--pp 5 does not divide the 32 layers", "try 4 or 8")]
    [InlineData(9, 2, 2, "--count 9 is not a multiple of --tp 2 times --pp 2", "try 8")]
    public void What_cannot_be_is_refused_with_the_nearest_that_can(int count, int? tensor, int? pipeline, string message, string help)
    {
        var error = Assert.Throws<UserErrorException>(() => MemoryPlan.For(Llama, H100, new() { Devices = count, Tensor = tensor, Pipeline = pipeline }));
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.Contains(message, error.Message);
        Assert.StartsWith(help, error.Diagnostics[0].Help);
    }
}
