using ScalingLab.Cli.Sweeps;

namespace ScalingLab.Cli.Tests.Sweeps;

public sealed class WorkerCountTests
{
    private static readonly double[] Runs = [1e9, 4e9, 2e9];

    [Theory]
    [InlineData(null, 8, 64e9, 3, false)] // as many as there are runs
    [InlineData(null, 2, 64e9, 2, false)] // one a core
    [InlineData(null, 8, 5e9, 1, false)] // the two largest would take 6 GB
    [InlineData(2, 8, 5e9, 2, true)] // what was asked for is done, with a warning
    [InlineData(null, 8, 4e9, 1, true)] // not even one fits into nine tenths
    public void One_a_core_as_far_as_memory_goes(int? asked, int cores, double machineBytes, int jobs, bool warns)
    {
        WorkerCount found = WorkerCount.For(Runs, asked, cores, machineBytes);
        Assert.Equal((jobs, warns), (found.Jobs, found.Warning is not null));
        Assert.Equal(new[] { 4e9, 6e9, 7e9 }[jobs - 1], found.Bytes);
    }
}
