using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Stacks;

namespace ScalingLab.Training.Tests.Stacks;

/// <summary>Each run of a stack against the same run trained alone on libtorch's operators.</summary>
public sealed class StackTrainerTests
{
    private static readonly ModelShape Plain = new() { Layers = 1, Width = 8, Heads = 1, ContextTokens = 8 };

    public static TheoryData<ModelShape, int> Shapes => new()
    {
        { new ModelShape { Layers = 2, Width = 12, Heads = 3, ContextTokens = 10, Positions = Positions.Learned, QkNorm = false }, 3 },
        { new ModelShape { Layers = 2, Width = 18, Heads = 3, ContextTokens = 7, Norm = Norm.RmsNorm, Activation = Activation.SwiGlu, TiedHead = false }, 1 },
        { new ModelShape { Layers = 1, Width = 10, Heads = 2, ContextTokens = 13, Activation = Activation.Relu2, Positions = Positions.None }, 5 },
        { new ModelShape { Layers = 2, Width = 32, Heads = 2, ContextTokens = 32, Norm = Norm.RmsNorm, QkNorm = false }, 8 },
        { new ModelShape { Layers = 1, Width = 12, Heads = 2, ContextTokens = 9, Norm = Norm.RmsNorm, Activation = Activation.Relu2, Positions = Positions.Learned, TiedHead = false, MlpWidth = 7 }, 2 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Twenty_steps_of_each_run_equal_its_solo_run_bit_for_bit(ModelShape shape, int batch)
    {
        using var runs = new StackedRuns(shape, batch);
        using StackTrainer stack = runs.NewStack();
        List<StepResult>[] found = StackedRuns.Train(stack, 8, 1, 7, 4);
        for (int i = 0; i < runs.Configs.Length; i++)
        {
            using Trainer solo = runs.NewSolo(i);
            StepResult[] expected = [.. Enumerable.Range(0, StackedRuns.Steps).Select(_ => solo.Step())];
            Assert.Equal(expected, found[i]);
            Assert.Equal(StackedRuns.BitsOf(solo), StackedRuns.BitsOf(stack.Runs[i]));
            Assert.Equal(StackedRuns.Steps, stack.Runs[i].StepsDone);
        }

        Assert.True(found[0][^1].LossNats < found[0][0].LossNats);
        Assert.Equal(found.Length, found.Select(f => f[^1].LossNats).Distinct().Count());
    }

    [Fact]
    public void A_stack_of_one_equals_its_solo_run_bit_for_bit()
    {
        using var runs = new StackedRuns(Plain, 4);
        using StackTrainer stack = runs.NewStack(runs: 1);
        StackedRuns.Train(stack, 8, 8, 4);
        using Trainer solo = runs.NewSolo(1);
        for (int i = 0; i < StackedRuns.Steps; i++)
            solo.Step();
        Assert.Equal(StackedRuns.BitsOf(solo), StackedRuns.BitsOf(stack.Runs[0]));
    }

    [Fact]
    public void Measured_flops_of_a_run_are_those_of_its_solo_step()
    {
        using var runs = new StackedRuns(Plain, 4);
        using StackTrainer stack = runs.NewStack();
        using Trainer solo = runs.NewSolo(0);
        solo.MeasureStep();
        Assert.Equal(solo.FlopsPerStep, stack.FlopsPerStep);
    }

    [Fact]
    public void A_run_that_diverges_keeps_the_weights_of_its_last_good_step_and_the_others_go_on_as_alone()
    {
        using var runs = new StackedRuns(Plain, 4);
        using StackTrainer stack = runs.NewStack();
        StackedRun[] all = [.. stack.Runs];
        StackedRuns.Train(stack, 5);
        all[1].Model.Parameters["final_norm.weight"].detach().fill_(double.NaN);
        byte[] before = StackedRuns.BitsOf(all[1]);
        List<StepResult>[] found = StackedRuns.Train(stack, 8, 7);
        StepResult refused = Assert.Single(found[1]);
        Assert.False(refused.Finite);
        Assert.Equal((true, false, 5L), (all[1].Diverged, all[1].Trains, all[1].StepsDone));
        Assert.Equal(before, StackedRuns.BitsOf(all[1]));
        foreach (int i in new[] { 0, 2 })
        {
            using Trainer solo = runs.NewSolo(i);
            for (int step = 0; step < StackedRuns.Steps; step++)
                solo.Step();
            Assert.Equal(StackedRuns.BitsOf(solo), StackedRuns.BitsOf(all[i]));
        }
    }

    [Fact]
    public void A_run_whose_gradients_overflow_under_a_finite_loss_keeps_its_weights()
    {
        using var runs = new StackedRuns(Plain with { TiedHead = false }, 4);
        using StackTrainer stack = runs.NewStack();
        StackedRun wild = stack.Runs[1];
        using (NewDisposeScope())
        {
            wild.Model.Parameters["final_norm.weight"].detach().fill_(1e-25); // logits as before, and a gradient whose square is none of float32
            Tensor head = wild.Model.Parameters["head.weight"].detach();
            head.copy_(head * 1e25);
        }

        byte[] before = StackedRuns.BitsOf(wild);
        StepResult refused = StackedRuns.Train(stack, 1)[1][0];
        Assert.True(double.IsFinite(refused.LossNats));
        Assert.Equal((double.PositiveInfinity, false, 0L), (refused.GradientNorm, refused.Finite, wild.StepsDone));
        Assert.Equal(before, StackedRuns.BitsOf(wild));
    }

    /// <summary>Logits of ±2e38 differ by more than a float32 holds, and their softmax is 0, 1 or shared as ever: an infinite loss with a finite gradient.</summary>
    [Fact]
    public void A_run_whose_loss_overflows_under_a_finite_gradient_keeps_its_weights()
    {
        using var runs = new StackedRuns(Plain with { TiedHead = false }, 4);
        using StackTrainer stack = runs.NewStack();
        StackedRun wild = stack.Runs[1];
        using (NewDisposeScope())
        {
            wild.Model.Parameters["final_norm.weight"].detach().zero_(); // no gradient goes below
            wild.Model.Parameters["final_norm.bias"].detach().fill_(1e19);
            double[] head = [.. Enumerable.Range(0, StackedRuns.Vocabulary * Plain.Width).Select(i => i / Plain.Width % 2 == 0 ? 2.5e18 : -2.5e18)];
            wild.Model.Parameters["head.weight"].detach().copy_(tensor(head, [StackedRuns.Vocabulary, Plain.Width]));
        }

        byte[] before = StackedRuns.BitsOf(wild);
        StepResult refused = StackedRuns.Train(stack, 1)[1][0];
        Assert.Equal((double.PositiveInfinity, false, 0L), (refused.LossNats, refused.Finite, wild.StepsDone));
        Assert.True(double.IsFinite(refused.GradientNorm));
        Assert.Equal(before, StackedRuns.BitsOf(wild));
    }

    [Fact]
    public void Runs_that_stand_at_different_steps_train_together_each_from_its_own()
    {
        using var runs = new StackedRuns(Plain, 4);
        using Trainer ahead = runs.NewSolo(0), behind = runs.NewSolo(2);
        for (int i = 0; i < 11; i++)
            ahead.Step();
        using StackTrainer stack = runs.NewStack(runs: [0, 2]);
        StackedRun run = stack.Runs[0];
        run.Model.Parameters.Values.copy_(ahead.Model.Parameters.Values);
        run.FirstMoment.copy_(ahead.FirstMoment);
        run.SecondMoment.copy_(ahead.SecondMoment);
        run.StepsDone = 11;
        StackedRuns.Train(stack, 8, 1);
        Assert.False(run.Trains);
        Assert.Throws<ArgumentOutOfRangeException>(() => StackedRuns.Train(stack, 7, 7));
        StackedRuns.Train(stack, 3);
        while (ahead.StepsDone < ahead.TotalSteps)
            ahead.Step();
        while (behind.StepsDone < 19)
            behind.Step();
        Assert.Equal(StackedRuns.BitsOf(ahead), StackedRuns.BitsOf(run));
        Assert.Equal(StackedRuns.BitsOf(behind), StackedRuns.BitsOf(stack.Runs[1]));
    }

    [Fact]
    public void When_half_the_runs_have_left_the_others_go_on_in_a_smaller_stack_as_if_nothing_had_happened()
    {
        using var runs = new StackedRuns(Plain, 4);
        using StackTrainer stack = runs.NewStack();
        StackedRuns.Train(stack, 6);
        stack.Leave(stack.Runs[0]);
        StackedRuns.Train(stack, 1);
        Assert.Equal(3, stack.Rows); // two of three are worth the third row
        stack.Leave(stack.Runs[0]);
        StackedRuns.Train(stack, 8, 5);
        Assert.Equal(1, stack.Rows);
        using Trainer solo = runs.NewSolo(2);
        for (int i = 0; i < StackedRuns.Steps; i++)
            solo.Step();
        Assert.Equal(StackedRuns.BitsOf(solo), StackedRuns.BitsOf(Assert.Single(stack.Runs)));
    }

    [Fact]
    public void Runs_of_two_shapes_or_batches_make_no_stack()
    {
        using var runs = new StackedRuns(Plain, 4);
        runs.Configs[1] = runs.Configs[1] with { Training = runs.Configs[1].Training with { BatchTokens = 8 } };
        Assert.Throws<ArgumentException>(() => runs.NewStack());
        runs.Configs[1] = runs.Configs[0] with { Model = Plain with { QkNorm = false } };
        Assert.Throws<ArgumentException>(() => runs.NewStack());
    }
}
