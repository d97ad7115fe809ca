using ScalingLab.Cli.Sweeps;
using ScalingLab.Cli.Tests.Devices;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Models;

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
