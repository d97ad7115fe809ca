using ScalingLab.Cli.Sweeps;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Models;

namespace ScalingLab.Cli.Tests.Sweeps;

public sealed class WorkPlanTests
{
    private static readonly PlannedRun[] Runs = [.. Enumerable.Range(1, 6).Select(i => Run(i))];

    [Fact]
    public void A_stack_takes_nine_tenths_of_the_smallest_gpu()
    {
        double three = StepMemory.GpuStackBytes(Runs[0].Config.Model, Runs[0].Vocabulary, Runs[0].BatchTokens, 3, 0, attentionMatrices: false);
        Assert.Equal([3, 3], Sizes(StackChoice.Auto, [Gpu(0, 80e9), Gpu(1, three / 0.9 * 1.0001)]));
        Assert.Equal([2, 2, 2], Sizes(StackChoice.Auto, [Gpu(0, three / 0.9 * 0.9999), Gpu(1, 80e9)]));
        Assert.Equal([1, 1, 1, 1, 1, 1], Sizes(StackChoice.Auto, [Gpu(0, 80e9), new GpuDevice(1, "fake", null, null)])); // its memory is not known
    }

    [Fact]
    public void Runs_are_stacked_on_a_gpu_unless_that_is_off_and_on_a_cpu_when_a_number_is_given()
    {
        GpuDevice[] gpu = [Gpu(0, 80e9)];
        var off = new StackChoice(1, OnCpu: false);
        var four = new StackChoice(4, OnCpu: true);
        Assert.Equal([6], Sizes(StackChoice.Auto, gpu));
        Assert.Equal([1, 1, 1, 1, 1, 1], Sizes(off, gpu));
        Assert.Equal([3, 3], Sizes(four, gpu));
        Assert.Equal([1, 1, 1, 1, 1, 1], Sizes(StackChoice.Auto, []));
        Assert.Equal([3, 3], Sizes(four, []));
    }

    [Fact]
    public void A_stack_on_a_cpu_takes_its_workers_share_of_the_machine()
    {
        double two = StepMemory.StackBytes(Runs[0].Config.Model, Runs[0].Vocabulary, Runs[0].BatchTokens, 2, 0);
        StackChoice many = new(64, OnCpu: true);
        Assert.Equal([2, 2, 2], WorkPlan.Of(Runs, many, jobs: 4, [], 0, cores: 8, machineBytes: 4 * two / 0.9 * 1.0001).Stacks.Select(s => s.Size));
        Assert.Equal([2, 2, 2], WorkPlan.Of(Runs, many, jobs: null, [], 0, cores: 8, machineBytes: 8 * two / 0.9 * 1.0001).Stacks.Select(s => s.Size));
    }

    [Fact]
    public void That_losses_may_differ_in_the_last_bits_is_said_of_a_cpu_only()
    {
        StackChoice four = new(4, OnCpu: true);
        Assert.Contains("to the last bit", Assert.Single(WorkPlan.Of(Runs, four, 1, [], 0, 8, 64e9).Warnings));
        Assert.Empty(WorkPlan.Of(Runs, four, 1, [Gpu(0, 80e9)], 0, 8, 64e9).Warnings);
        Assert.Empty(WorkPlan.Of(Runs, StackChoice.Auto, 1, [], 0, 8, 64e9).Warnings);
    }

    /// <summary>So it is in a build on the TorchSharp packages.</summary>
    [Fact]
    public void Without_our_own_operators_runs_alone_take_the_memory_of_libtorchs_and_that_is_said()
    {
        PlannedRun[] large = [.. Runs.Select(r => new PlannedRun(r.Id, r.Config with { Model = r.Config.Model with { Width = 256 }, Training = r.Config.Training with { BatchTokens = 16_384 } }, r.Vocabulary))];
        double reference = StepMemory.WorkerBytes(large[0].Config.Model, large[0].Vocabulary, large[0].BatchTokens, KernelChoice.Reference), three = 3 / 0.9 * reference * 1.0001;
        WorkPlan own = WorkPlan.Of(large, StackChoice.Auto, null, [], 0, 8, three), none = WorkPlan.Of(large, StackChoice.Auto, null, [], 0, 8, three, ownOperators: false);
        Assert.Equal(3, none.Workers.Jobs);
        Assert.InRange(own.Workers.Jobs, 4, 6);
        Assert.Empty(own.Warnings);
        Assert.Contains("--kernels reference", Assert.Single(none.Warnings));
        Assert.Single(WorkPlan.Of(Runs, new(4, OnCpu: true), 1, [], 0, 8, 64e9, ownOperators: false).Warnings); // stack or not, it is one arithmetic
        Assert.Empty(WorkPlan.Of(Runs, StackChoice.Auto, 1, [Gpu(0, 80e9)], 0, 8, 64e9, ownOperators: false).Warnings);
    }

    private static IEnumerable<int> Sizes(StackChoice choice, IReadOnlyList<GpuDevice> gpus) => WorkPlan.Of(Runs, choice, null, gpus, 0, 8, 64e9).Stacks.Select(s => s.Size);

    private static GpuDevice Gpu(int index, double bytes) => new(index, "fake", (long)bytes, null);

    private static PlannedRun Run(int seed)
    {
        var config = new RunConfig
        {
            Corpus = new CorpusConfig { Path = "text.txt" },
            Model = new ModelShape { Width = 16, ContextTokens = 16 },
            Training = new TrainingConfig { Tokens = 20_480, BatchTokens = 256, LearningRate = 0.003, Seed = seed, Kernels = KernelChoice.Fused },
            Evaluation = new EvaluationConfig(),
        };
        return new PlannedRun(CanonicalJson.RunId(config), config, 257);
    }
}
