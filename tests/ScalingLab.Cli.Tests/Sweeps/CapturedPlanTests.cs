using ScalingLab.Cli.Devices;
using ScalingLab.Cli.Sweeps;
using ScalingLab.Cli.Tests.Devices;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Models;
using ScalingLab.Training;

namespace ScalingLab.Cli.Tests.Sweeps;

public sealed class CapturedPlanTests
{
    [Theory]
    [InlineData("auto", 1, true, 3)]
    [InlineData("1", 1, true, 4)]
    [InlineData("off", 1, false, 4)]
    [InlineData("auto", 0, false, 4)]
    [InlineData("4", 0, false, 3)]
    public void On_a_gpu_every_step_is_captured_unless_stacks_are_off(string stack, int gpus, bool captures, int stacks)
    {
        PlannedRun[] runs = [Run(16), Run(16, seed: 2), Run(32), Run(48)];
        WorkPlan plan = WorkPlan.Of(runs, StackChoice.Read(stack, []), null, gpus == 0 ? [] : new FakeGpus(gpus).Gpus, corpusTokens: 1000, cores: 8, machineBytes: 64e9);
        Assert.Equal((captures, stacks), (plan.Captures, plan.Stacks.Count));
    }

    /// <summary>Without CUDA's headers the engine has no graphs: runs train in stacks all the same, and nothing says that steps are captured.</summary>
    [Theory]
    [InlineData(true, ", stacks of up to 2 runs, steps captured as CUDA graphs")]
    [InlineData(false, ", stacks of up to 2 runs, no CUDA graphs (see 'scalinglab doctor')")]
    public void An_engine_without_graphs_captures_nothing(bool graphs, string said)
    {
        SweepDevices devices = SweepDevices.Of(DeviceRequest.Parse("cuda", []), new FakeGpus(1), () => new EngineFacts { CudaDevices = 1, CudaGraphs = graphs });
        WorkPlan plan = WorkPlan.Of([Run(16), Run(16, seed: 2), Run(32)], StackChoice.Auto, null, devices.Gpus, corpusTokens: 0, cores: 8, machineBytes: 64e9, devices.CudaGraphs);
        Assert.Equal((graphs, true, 2), (plan.Captures, plan.StacksOfOne, plan.Stacks.Count));
        Assert.Equal(said, SweepSession.Stacked(plan));
    }

    [Fact]
    public void On_a_cpu_the_engine_is_not_asked_for_graphs()
    {
        SweepDevices devices = SweepDevices.Of(DeviceRequest.Parse("cpu", []), new FakeGpus(1), () => throw new InvalidOperationException("asked"));
        Assert.Empty(devices.Gpus);
        Assert.Equal("", SweepSession.Stacked(WorkPlan.Of([Run(16)], StackChoice.Auto, null, devices.Gpus, 0, 8, 64e9, devices.CudaGraphs)));
    }

    private static PlannedRun Run(int width, int seed = 1)
    {
        var config = new RunConfig
        {
            Corpus = new CorpusConfig { Path = "x" },
            Model = new ModelShape { Layers = 2, Width = width, Heads = 2, ContextTokens = 16 },
            Training = new TrainingConfig { Tokens = 25_600, BatchTokens = 256, LearningRate = 0.003, Seed = seed },
            Evaluation = new EvaluationConfig(),
        };
        return new PlannedRun(CanonicalJson.RunId(config), config, 257);
    }
}
