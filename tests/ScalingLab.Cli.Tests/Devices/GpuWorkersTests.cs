using ScalingLab.Cli.Devices;
using ScalingLab.Core.Devices;

namespace ScalingLab.Cli.Tests.Devices;

public sealed class GpuWorkersTests
{
    private static readonly double[] Runs = [30e9, 20e9, 10e9, 5e9, 5e9, 5e9, 5e9, 5e9, 5e9, 5e9];

    [Theory]
    [InlineData(null, 1, 64, 4, false)] // four of 65 GB fit into nine tenths of 80
    [InlineData(null, 2, 64, 8, false)]
    [InlineData(null, 2, 6, 6, false)] // three cores a GPU
    [InlineData(null, 8, 4, 8, false)] // at least one a GPU
    [InlineData(3, 2, 64, 3, false)] // what was asked for
    [InlineData(8, 1, 64, 8, true)] // and a warning where it may not fit
    [InlineData(null, 4, 64, 10, false)] // no more than there are runs
    public void A_few_a_gpu_as_far_as_memory_and_cores_go(int? asked, int gpus, int cores, int jobs, bool warns)
    {
        GpuWorkers found = GpuWorkers.For(Runs, asked, new FakeGpus(gpus).Gpus, cores);
        Assert.Equal((jobs, warns), (found.Jobs, found.Warning is not null));
    }

    [Theory]
    [InlineData(80, 4)]
    [InlineData(70, 3)] // 30 + 20 + 10 = 60 of 63
    [InlineData(60, 2)]
    [InlineData(40, 1)]
    [InlineData(20, 1)]
    public void The_largest_runs_of_a_gpu_fit_into_nine_tenths_of_it(int gigabytes, int jobs)
    {
        GpuWorkers found = GpuWorkers.For(Runs, null, [new GpuDevice(0, "fake", gigabytes * 1_000_000_000L, null)], 64);
        Assert.Equal((jobs, gigabytes == 20), (found.Jobs, found.Warning is not null));
    }

    [Fact]
    public void Where_the_memory_is_not_known_there_is_one_worker_a_gpu() =>
        Assert.Equal(2, GpuWorkers.For(Runs, null, [new GpuDevice(0, "fake", null, null), new GpuDevice(1, "fake", null, null)], 64).Jobs);
}
