using FsCheck;
using FsCheck.Fluent;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;

namespace ScalingLab.Core.Tests.Configs;

public sealed class StackPlanTests
{
    private const double Plenty = 64e9;

    [Fact]
    public void Seeds_rates_and_lengths_of_one_shape_share_a_stack_and_shapes_batches_and_kernels_do_not()
    {
        PlannedRun[] runs =
        [
            Run(), Run(seed: 2), Run(rate: 0.01), Run(tokens: 40_960),
            Run(width: 32), Run(batch: 512), Run(kernels: KernelChoice.Fused), Run(vocabulary: 300),
        ];
        IReadOnlyList<PlannedStack> stacks = StackPlan.Of(runs, null, Plenty);
        Assert.Equal([4, 1, 1, 1, 1], stacks.Select(s => s.Size));
        Assert.Equal(runs[3], stacks[0].Runs[0]); // the longest first
        Assert.Equal(runs[4].MemoryBytes, stacks[1].MemoryBytes); // alone is as alone as ever
        Assert.Equal(StepMemory.StackBytes(runs[0].Config.Model, runs[0].Vocabulary, runs[0].BatchTokens, 4, 0), stacks[0].MemoryBytes);
    }

    [Fact]
    public void Runs_of_two_corpora_or_of_two_types_of_products_share_no_step()
    {
        PlannedRun run = Run();
        PlannedRun bf16 = run with { Config = run.Config with { Training = run.Config.Training with { Dtype = ProductType.Bf16 } } };
        PlannedRun other = run with { Config = run.Config with { Corpus = run.Config.Corpus with { Path = "other.txt" } } };
        Assert.Equal([2, 1, 1], StackPlan.Of([run, Run(seed: 2), bf16, other], null, Plenty).Select(s => s.Size));
    }

    [Fact]
    public void A_stack_on_a_gpu_is_bounded_and_counted_in_the_gpus_memory()
    {
        PlannedRun[] runs = [.. Enumerable.Range(1, 6).Select(i => Run(seed: i))];
        double three = Bytes(3, 0);
        Assert.Equal([3, 3], StackPlan.Of(runs, null, three * 1.0000001, onGpu: true).Select(s => s.Size));
        Assert.Equal([2, 2, 2], StackPlan.Of(runs, null, three * 0.9999999, onGpu: true).Select(s => s.Size));
        Assert.All(StackPlan.Of(runs, 3, Plenty, onGpu: true), s => Assert.Equal(three, s.MemoryBytes));
        Assert.Equal(three + 4e6, StackPlan.Of(runs, 3, Plenty, corpusTokens: 1_000_000, onGpu: true)[0].MemoryBytes); // four bytes a token
        Assert.Equal(Bytes(1, 0), StackPlan.Of(runs, 1, Plenty, onGpu: true)[0].MemoryBytes);
        Assert.True(three < Bytes(4, 0) && runs[0].GpuMemoryBytes < Bytes(1, 0)); // the optimizer of a stack needs more

        double Bytes(int count, long tokens) => StepMemory.GpuStackBytes(runs[0].Config.Model, runs[0].Vocabulary, runs[0].BatchTokens, count, tokens, attentionMatrices: true);
    }

    [Fact]
    public void On_a_gpu_a_run_that_shares_with_no_other_is_planned_with_the_memory_of_a_stack_of_one()
    {
        PlannedStack alone = Assert.Single(StackPlan.Of([Run()], 1, Plenty, corpusTokens: 1_000_000, onGpu: true));
        Assert.Equal(StepMemory.GpuStackBytes(Run().Config.Model, Run().Vocabulary, Run().BatchTokens, 1, 1_000_000, attentionMatrices: true), alone.MemoryBytes);
        Assert.True(alone.MemoryBytes > Run().GpuMemoryBytes + 4e6); // corpus and the optimizer's passing numbers
    }

    [Fact]
    public void Ten_runs_in_stacks_of_at_most_eight_make_two_of_five_with_like_lengths_together()
    {
        PlannedRun[] runs = [.. Enumerable.Range(1, 10).Select(i => Run(seed: i, tokens: i % 2 == 0 ? 20_480 : 40_960))];
        IReadOnlyList<PlannedStack> stacks = StackPlan.Of(runs, 8, Plenty);
        Assert.Equal([5, 5], stacks.Select(s => s.Size));
        Assert.All(stacks, s => Assert.Single(s.Runs.Select(r => r.Tokens).Distinct()));
    }

    [Fact]
    public void Memory_bounds_a_stack_and_where_nothing_fits_each_run_is_alone()
    {
        PlannedRun[] runs = [.. Enumerable.Range(1, 12).Select(i => Run(seed: i))];
        double one = StepMemory.StackBytes(runs[0].Config.Model, runs[0].Vocabulary, runs[0].BatchTokens, 1, 0), four = StepMemory.StackBytes(runs[0].Config.Model, runs[0].Vocabulary, runs[0].BatchTokens, 4, 0);
        Assert.Equal([4, 4, 4], StackPlan.Of(runs, null, four * 1.0000001).Select(s => s.Size));
        Assert.Equal([3, 3, 3, 3], StackPlan.Of(runs, null, four * 0.9999999).Select(s => s.Size));
        Assert.Equal(12, StackPlan.Of(runs, null, one / 2).Count);
        Assert.Equal(4, StackPlan.Of(runs, null, four + 4e6, corpusTokens: 1_000_000)[0].Size);
        Assert.Equal(3, StackPlan.Of(runs, null, four + 3.9e6, corpusTokens: 1_000_000)[0].Size);
    }

    [Fact]
    public void Heads_and_logits_of_a_stack_stay_within_what_kernels_can_index()
    {
        Assert.Equal(65_535 / (16 * 2), StackPlan.MostRuns(Run(), 1e15, 0)); // 16 sequences of two heads
        PlannedRun wide = Run(vocabulary: 50_304);
        Assert.Equal(int.MaxValue / (256L * 50_304), StackPlan.MostRuns(wide, 1e15, 0));
    }

    [Fact]
    public void Every_run_is_in_one_stack_and_no_stack_is_larger_than_it_may_be() => Prop.ForAll(
        Gen.Zip(Gen.Choose(1, 6), Gen.Choose(1, 40)).ToArbitrary(),
        limits =>
        {
            (int most, int count) = limits;
            PlannedRun[] runs = [.. Enumerable.Range(0, count).Select(i => Run(seed: i, width: 16 * (1 + (i % 3)), tokens: 20_480 * (1 + (i % 5))))];
            IReadOnlyList<PlannedStack> stacks = StackPlan.Of(runs, most, Plenty);
            Assert.Equal(runs.Select(r => r.Id).Order(), stacks.SelectMany(s => s.Runs).Select(r => r.Id).Order());
            foreach (PlannedStack stack in stacks)
            {
                Assert.InRange(stack.Size, 1, most);
                Assert.Single(stack.Runs.Select(r => r.Config.Model).Distinct());
                Assert.Equal(stack.Runs.Select(r => r.Tokens).OrderDescending(), stack.Runs.Select(r => r.Tokens));
            }

            foreach (IGrouping<ModelShape, PlannedStack> shape in stacks.GroupBy(s => s.Runs[0].Config.Model))
                Assert.True(shape.Max(s => s.Size) - shape.Min(s => s.Size) <= 1 && shape.Count() == (shape.Sum(s => s.Size) + most - 1) / most);
        }).QuickCheckThrowOnFailure();

    private static PlannedRun Run(int seed = 1, double rate = 0.003, int width = 16, long batch = 256, long tokens = 20_480, KernelChoice kernels = KernelChoice.Reference, int vocabulary = 257)
    {
        var config = new RunConfig
        {
            Corpus = new CorpusConfig { Path = "text.txt" },
            Model = new ModelShape { Width = width, ContextTokens = 16 },
            Training = new TrainingConfig { Tokens = tokens, BatchTokens = batch, LearningRate = rate, Seed = seed, Kernels = kernels },
            Evaluation = new EvaluationConfig(),
        };
        return new PlannedRun(CanonicalJson.RunId(config), config, vocabulary);
    }
}
