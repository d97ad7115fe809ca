using System.Runtime.InteropServices;
using System.Text.Json;
using ScalingLab.Core.Models;
using ScalingLab.Training.Benchmarks;
using ScalingLab.Training.Checkpoints;
using ScalingLab.Training.Tests.Data;

namespace ScalingLab.Training.Tests.Benchmarks;

public sealed class StepBenchmarkTests : IDisposable
{
    private const int Vocabulary = 50, Batch = 3;
    private static readonly ModelShape Shape = new() { Layers = 2, Width = 16, Heads = 2, ContextTokens = 8, Positions = Positions.Learned, QkNorm = false, TiedHead = false };

    private readonly TemporaryFolder temporary = new();

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void Steps_train_and_what_they_dispatch_is_what_the_shape_says()
    {
        using var benchmark = new StepBenchmark(Shape, Vocabulary, Batch);
        benchmark.MeasureFlops();
        double[] seconds = benchmark.Run(30);
        Assert.Equal(Batch * Shape.ContextTokens, benchmark.TokensPerStep);
        Assert.Equal(30, seconds.Length);
        Assert.All(seconds, s => Assert.True(s > 0));
        Assert.Equal(31, benchmark.Losses.Count);
        Assert.Equal(Math.Log(Vocabulary), benchmark.Losses[0]!.Value, tolerance: 0.3);
        Assert.True(benchmark.Losses[^1] < benchmark.Losses[0] - 0.2, "the tokens' frequencies can be learnt");
        if (ProviderCapabilities.MeasuresFlops)
            Assert.Equal(benchmark.FlopsAnalytic, benchmark.FlopsMeasured!.Forward + benchmark.FlopsMeasured.Backward);
    }

    [Fact]
    public void The_first_run_of_a_stack_takes_the_steps_that_it_takes_alone()
    {
        using var alone = new StepBenchmark(Shape, Vocabulary, Batch, Core.Configs.KernelChoice.Reference);
        using var stack = new StackBenchmark(Shape, Vocabulary, Batch, 3);
        alone.MeasureFlops();
        stack.MeasureFlops();
        alone.Run(19);
        double[] seconds = stack.Run(19);
        Assert.Equal(19, seconds.Length);
        Assert.All(seconds, s => Assert.True(s > 0));
        Assert.Equal(alone.Losses, stack.Losses);
        Assert.Equal((3 * alone.TokensPerStep, 3 * alone.FlopsAnalytic), (stack.TokensPerStep, stack.FlopsAnalytic));
        if (ProviderCapabilities.MeasuresFlops)
            Assert.Equal(stack.FlopsAnalytic, stack.FlopsMeasured!.Forward + stack.FlopsMeasured.Backward);
    }

    [Fact]
    public void Synthetic_tokens_are_as_common_as_Zipf_says_and_the_same_each_time()
    {
        const int tokens = 40_000;
        using SyntheticCorpus one = new(Vocabulary, tokens), two = new(Vocabulary, tokens);
        Assert.Equal(one.Corpus.DataSha256, two.Corpus.DataSha256);
        var ids = new long[tokens];
        one.Corpus.Train.CopyTokens(0, ids);
        for (int k = 0; k < Vocabulary - 1; k++)
        {
            double expected = tokens * Math.Log((k + 2.0) / (k + 1)) / Math.Log(Vocabulary);
            Assert.Equal(expected, ids.Count(id => id == k), tolerance: 5 * Math.Sqrt(expected)); // five standard deviations of a count
        }
    }

    [Fact]
    public void Another_program_finds_the_weights_and_the_batches_that_the_steps_take()
    {
        string folder = Path.Combine(temporary.Path, "export");
        double?[] losses;
        using (var benchmark = new StepBenchmark(Shape, Vocabulary, Batch))
        {
            benchmark.Export(folder);
            benchmark.Run(2);
            losses = [.. benchmark.Losses];
        }

        using JsonDocument setup = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "setup.json")));
        Assert.Equal("learned", setup.RootElement.GetProperty("model").GetProperty("positions").GetString());
        Assert.Equal(4 * Shape.Width, setup.RootElement.GetProperty("model").GetProperty("hidden_width").GetInt32());
        int[] ids = MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(Path.Combine(folder, "batches.bin"))).ToArray();
        int length = Batch * Shape.ContextTokens;
        Assert.Equal(StepExport.Steps * 2 * length, ids.Length);
        Assert.Equal(ids[1..Shape.ContextTokens], ids[length..(length + Shape.ContextTokens - 1)]); // a target is the next input

        // The first loss, from the files alone.
        using var model = new Training.Model.Gpt(Shape, Vocabulary);
        foreach (NamedArray array in SafeTensors.Read(Path.Combine(folder, "weights.safetensors")))
            array.Data.CopyTo(model.Parameters[array.Name].detach().bytes);
        using DisposeScope scope = NewDisposeScope();
        using Tensor loss = model.Loss(tensor([.. ids[..length].Select(i => (long)i)], [Batch, Shape.ContextTokens]), tensor([.. ids[length..(2 * length)].Select(i => (long)i)], [length]));
        Assert.Equal(losses[0]!.Value, loss.ToDouble(), tolerance: 1e-6);
        Assert.True(losses[1] != losses[0]);
    }
}
