using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;

namespace ScalingLab.Core.Tests.Models;

public class StepMemoryTests
{
    /// <summary>Peak resident bytes that `bench memory --layers L --width d --heads H --vocab V --kernels K` found (16 sequences of 128; libtorch 1.13.1, Debian 12).</summary>
    [Theory]
    [InlineData(2, 64, 2, 256, KernelChoice.Fused, 239e6)]
    [InlineData(2, 64, 2, 256, KernelChoice.Reference, 281e6)]
    [InlineData(4, 128, 4, 2048, KernelChoice.Fused, 328e6)]
    [InlineData(4, 128, 4, 2048, KernelChoice.Reference, 484e6)]
    [InlineData(6, 256, 8, 4096, KernelChoice.Fused, 593e6)]
    [InlineData(6, 256, 8, 4096, KernelChoice.Reference, 969e6)]
    public void The_bound_lies_above_what_was_measured_and_below_twice_that(int layers, int width, int heads, int vocabulary, KernelChoice kernels, double measured)
    {
        var shape = new ModelShape { Layers = layers, Width = width, Heads = heads, ContextTokens = 128, Positions = Positions.Learned };
        Assert.InRange(StepMemory.WorkerBytes(shape, vocabulary, 16 * 128, kernels), measured, 2 * measured);
    }
}
