#if !TORCHSHARP
using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Model;
using ScalingLab.Training.Randomness;
using ScalingLab.Training.Stacks;
using ScalingLab.Training.Tests.Model;

namespace ScalingLab.Training.Tests.Stacks;

/// <summary>A stack's update in libtorch's one operator against the plain form, and what both leave alone.</summary>
public sealed class StackedAdamWTests
{
    private const int Rows = 3;

    private static readonly ParameterSpec[] Specs = [new("mlp.weight", [70, 90], 0.3), new("norm.gain", [11], null, 1), new("norm.bias", [2], null)];

    private static readonly AdamConfig[] Constants = [new(), new() { Beta1 = 0.8, WeightDecay = 0.5 }, new() { Beta2 = 0.999, WeightDecay = 0, Epsilon = 1e-6 }];

    private static readonly double[] Clips = [0.5, 1e9, 0];

    [LaterLibtorchTheory("2.4.0")]
    [InlineData(0.01)]
    [InlineData(3)]
    public void A_hundred_updates_agree_to_a_millionth_with_and_without_clipping_and_decay(double size)
    {
        using var one = new Update(inOneOperator: true);
        using var plain = new Update(inOneOperator: false);
        for (int step = 1; step <= 100; step++)
        {
            one.Step(step, size);
            plain.Step(step, size);
        }

        Assert.NotEqual(one.Bits(0), plain.Bits(0)); // it is another arithmetic
        for (int row = 0; row < Rows; row++)
        {
            foreach ((Tensor found, Tensor expected) in one.Of(row).Zip(plain.Of(row)))
                Assert.InRange((found - expected).norm().ToDouble(), 0, 1e-6 * expected.norm().ToDouble());
        }
    }

    [LaterLibtorchTheory("2.4.0")]
    [InlineData(true)]
    [InlineData(false)]
    public void A_refused_update_leaves_values_and_moments_to_the_last_bit_and_the_other_rows_as_ever(bool inOneOperator)
    {
        using var disturbed = new Update(inOneOperator);
        using var calm = new Update(inOneOperator);
        for (int step = 1; step <= 3; step++)
        {
            disturbed.Step(step, 1);
            calm.Step(step, 1);
        }

        byte[] before = disturbed.Bits(1);
        foreach (double poison in new[] { double.NaN, double.PositiveInfinity })
            disturbed.Step(4, 1, refused: 1, poison);
        calm.Step(4, 1);
        calm.Step(4, 1);
        Assert.Equal(before, disturbed.Bits(1));
        Assert.NotEqual(before, calm.Bits(1));
        Assert.Equal(calm.Bits(0), disturbed.Bits(0));
        Assert.Equal(calm.Bits(2), disturbed.Bits(2));
    }

    /// <summary>The step as a whole: one graph, nothing read back, constants taken in before the capture, refusal by the mask.</summary>
    [LaterLibtorchTheory("2.4.0")]
    [InlineData(Norm.LayerNorm)]
    [InlineData(Norm.RmsNorm)]
    public void A_captured_step_of_one_run_trains_as_the_plain_one(Norm norm)
    {
        var shape = new ModelShape { Layers = 2, Width = 24, Heads = 2, ContextTokens = 8, Norm = norm };
        using var runs = new StackedRuns(shape, 3);
        for (int i = 0; i < runs.Configs.Length; i++)
        {
            var graph = new CallCount();
            using StackTrainer plain = runs.NewStack(runs: [i]), fused = runs.NewStack(() => graph, operators: new StepOperators { FusedAdamWOfTensors = true }, runs: [i]);
            Assert.Equal(2, graph.Calls.Count(c => c.StartsWith("aten::_fused_adamw_.tensor_lr", StringComparison.Ordinal)));
            StepResult[] expected = [.. StackedRuns.Train(plain, 8, 8)[0]], found = [.. StackedRuns.Train(fused, 8, 8)[0]];
            for (int step = 0; step < expected.Length; step++)
                Assert.InRange(Math.Abs(found[step].LossNats - expected[step].LossNats), 0, 1e-5 * expected[step].LossNats);
            StackedRun run = fused.Runs[0];
            run.Model.Parameters["final_norm.weight"].detach().fill_(double.NaN);
            byte[] before = StackedRuns.BitsOf(run);
            Assert.False(Assert.Single(StackedRuns.Train(fused, 4)[0]).Finite);
            Assert.Equal(before, StackedRuns.BitsOf(run));
        }
    }

    [LaterLibtorchTheory("2.4.0")]
    [InlineData(2)]
    public void Small_rows_of_a_stack_of_several_are_updated_together(int rows)
    {
        using var runs = new StackedRuns(new ModelShape { Layers = 1, Width = 8, Heads = 1, ContextTokens = 8 }, 3);
        var graph = new CallCount();
        using StackTrainer stack = runs.NewStack(() => graph, operators: new StepOperators { FusedAdamWOfTensors = true }, runs: [.. Enumerable.Range(0, rows)]);
        Assert.DoesNotContain(graph.Calls, c => c.Contains("_fused_adamw_", StringComparison.Ordinal));
        Assert.Contains(graph.Calls, c => c.StartsWith("aten::addcdiv_", StringComparison.Ordinal));
    }

    [LaterLibtorchTheory("2.4.0")]
    [InlineData(0.1)]
    public void Constants_that_a_captured_step_would_not_see_are_refused(double decay)
    {
        using var update = new Update(inOneOperator: true);
        update.Step(1, 1);
        Assert.Throws<InvalidOperationException>(() => update.Optimizer.Begin(0, new AdamConfig { WeightDecay = decay }, 0));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2047, 1)]
    [InlineData(4096, 2)]
    [InlineData(100_003, 36)]
    [InlineData(36 * 65536, 36)]
    public void A_row_is_cut_into_pieces_that_one_launch_takes(long count, int pieces)
    {
        long[] ends = [.. FusedRow.Ends(count)];
        Assert.InRange(ends.Length, 1, pieces);
        Assert.True(ends.Length >= pieces - 1);
        Assert.Equal(count, ends[^1]);
        Assert.All(ends[..^1], end => Assert.Equal(0, end % 4));
        Assert.All(ends.Zip(ends.Skip(1)), pair => Assert.True(pair.First < pair.Second));
        Assert.Empty(FusedRow.Ends(0));
    }

    /// <summary>Tells what was called when the step was taken in, under the guard that refuses host reads.</summary>
    private sealed class CallCount : IStepGraph
    {
        private Action? step;

        public List<string> Calls { get; } = [];

        public void Capture(Action step, Action warmUp)
        {
            this.step = step;
            using var guard = new CaptureGuard(Calls.Add);
            step();
        }

        public void Replay()
        {
            using var guard = new CaptureGuard();
            step!();
        }

        public void Dispose() => step = null;
    }

    private sealed class Update : IDisposable
    {
        private readonly StackedParameters parameters = new(Specs, Rows, ScalarType.Float32);

        public Update(bool inOneOperator)
        {
            Optimizer = new StackedAdamW(parameters, inOneOperator: inOneOperator);
            for (int row = 0; row < Rows; row++)
            {
                Optimizer.Begin(row, Constants[row], Clips[row]);
                using ParameterSet own = parameters.Row(row, Specs);
                own.Initialise(row);
            }
        }

        public StackedAdamW Optimizer { get; }

        public Tensor[] Of(int row) => [parameters.Values.select(0, row), Optimizer.FirstMoment.select(0, row), Optimizer.SecondMoment.select(0, row)];

        public byte[] Bits(int row) => [.. Of(row).SelectMany(t => t.bytes.ToArray())];

        public void Step(int step, double size, int? refused = null, double poison = 0)
        {
            using DisposeScope scope = NewDisposeScope();
            double[] gradients = [.. Enumerable.Range(0, checked((int)(Rows * parameters.Count))).Select(i => size * CounterRandom.Normal(3, step, i))];
            parameters.Gradients.copy_(tensor(gradients, [Rows, parameters.Count]));
            if (refused is { } bad)
                parameters.Gradients.select(0, bad).fill_(poison);
            var factors = new double[Rows * StackedAdamW.Factors];
            for (int row = 0; row < Rows; row++)
                StackedAdamW.Fill(step, 0.01 * (row + 1) / step, Constants[row], factors.AsSpan(row * StackedAdamW.Factors, StackedAdamW.Factors));
            Tensor norms = parameters.Gradients.norm(1);
            Optimizer.Step(tensor(factors, [Rows, StackedAdamW.Factors]).to_type(ScalarType.Float32), norms, norms.isfinite());
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            parameters.Dispose();
        }
    }
}
#endif
