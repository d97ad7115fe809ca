#if !TORCHSHARP
using ScalingLab.Core.Models;
using ScalingLab.Training.Stacks;

namespace ScalingLab.Training.Tests.Stacks;

/// <summary>That the step can be captured, shown without a GPU: by a graph that refuses whatever a CUDA graph cannot replay.</summary>
public sealed class StepGraphTests
{
    private static readonly ModelShape Shape = new() { Layers = 2, Width = 8, Heads = 2, ContextTokens = 8 };

    [Fact]
    public void Replayed_steps_equal_eager_ones_bit_for_bit_and_read_nothing_back()
    {
        using var runs = new StackedRuns(Shape, 3);
        using StackTrainer eager = runs.NewStack(mostSteps: 1), replayed = runs.NewStack(() => new StrictGraph(), mostSteps: 8);
        List<StepResult>[] expected = StackedRuns.Train(eager, [.. Enumerable.Repeat(1, StackedRuns.Steps)]);
        List<StepResult>[] found = StackedRuns.Train(replayed, 8, 8, 4);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], found[i]);
            Assert.Equal(StackedRuns.BitsOf(eager.Runs[i]), StackedRuns.BitsOf(replayed.Runs[i]));
        }
    }

    [Fact]
    public void Warm_up_and_capture_leave_weights_and_moments_as_they_were()
    {
        using var runs = new StackedRuns(Shape, 3);
        var graph = new StrictGraph();
        using StackTrainer stack = runs.NewStack(() => graph, runs: [0, 1]);
        Assert.True(graph.Calls.Count > 100); // it was run for the capture
        using Trainer untouched = runs.NewSolo(1);
        Assert.Equal(StackedRuns.BitsOf(untouched), StackedRuns.BitsOf(stack.Runs[1]));
    }

    /// <summary>Warm-ups go over the tables' rows as steps do; one that went on past the last would read and write beyond them.</summary>
    [Fact]
    public void Warm_ups_stay_within_tables_of_one_step()
    {
        using var runs = new StackedRuns(Shape, 3);
        using StackTrainer eager = runs.NewStack(mostSteps: 1, runs: [1]), replayed = runs.NewStack(() => new StrictGraph { WarmUps = 3 }, mostSteps: 1, runs: [1]);
        Assert.Equal(StackedRuns.Train(eager, 1, 1)[0], StackedRuns.Train(replayed, 1, 1)[0]);
        Assert.Equal(StackedRuns.BitsOf(eager.Runs[0]), StackedRuns.BitsOf(replayed.Runs[0]));
    }

    [Fact]
    public void A_stack_that_shrinks_captures_its_step_anew()
    {
        using var runs = new StackedRuns(Shape, 3);
        int made = 0;
        using StackTrainer stack = runs.NewStack(() => new StrictGraph { Number = ++made }, runs: [0, 1]);
        StackedRuns.Train(stack, 4);
        stack.Leave(stack.Runs[0]);
        StackedRuns.Train(stack, 4);
        Assert.Equal(2, made);
    }

    [Fact]
    public void A_step_that_reads_a_number_back_is_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones([2]);
        using var graph = new StrictGraph();
        Assert.Contains("captured step", Assert.Throws<InvalidOperationException>(() => graph.Capture(() => x.sum().ToDouble())).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => graph.Capture(() => x.data<float>().ToArray()));
        Assert.Throws<InvalidOperationException>(() => graph.Capture(() => x.copy_(tensor(new double[2], [2]))));
    }

    [Fact]
    public void A_step_that_takes_another_number_from_the_host_each_time_is_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones([2]);
        double rate = 1;
        using var graph = new StrictGraph();
        graph.Capture(() => x.mul_(rate));
        graph.Replay();
        rate = 0.5;
        Assert.Contains("aten::mul_", Assert.Throws<InvalidOperationException>(graph.Replay).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void There_is_nothing_to_replay_before_a_capture()
    {
        using var graph = new EagerStepGraph();
        Assert.Throws<InvalidOperationException>(graph.Replay);
        int done = 0;
        graph.Capture(() => done++, () => done++);
        Assert.Equal(0, done);
        graph.Replay();
        Assert.Equal(1, done);
    }

    /// <summary>Runs the step as it stands, but refuses what a CUDA graph could not replay: host reads and writes, and calls whose numbers or shapes are not those of the capture.</summary>
    private sealed class StrictGraph : IStepGraph
    {
        private Action? step;

        public int Number { get; init; }

        public int WarmUps { get; init; }

        public List<string> Calls { get; private set; } = [];

        public void Capture(Action step) => Capture(step, () => { });

        public void Capture(Action step, Action warmUp)
        {
            for (int i = 0; i < WarmUps; i++)
                warmUp();
            this.step = step;
            Calls = Run();
        }

        public void Replay()
        {
            List<string> calls = Run();
            for (int i = 0; i < Math.Max(calls.Count, Calls.Count); i++)
            {
                string? captured = Calls.ElementAtOrDefault(i), now = calls.ElementAtOrDefault(i);
                if (captured != now)
                    throw new InvalidOperationException($"captured was '{captured}', replayed is '{now}'");
            }
        }

        public void Dispose() => step = null;

        private List<string> Run()
        {
            var calls = new List<string>();
            using var guard = new CaptureGuard(calls.Add);
            step!();
            return calls;
        }
    }
}
#endif
