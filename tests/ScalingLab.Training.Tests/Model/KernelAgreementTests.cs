using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Model;
using ScalingLab.Training.Optim;
using ScalingLab.Training.Randomness;

namespace ScalingLab.Training.Tests.Model;

/// <summary>The fused step against the plain composition, from the same weights on the same data.</summary>
public sealed class KernelAgreementTests
{
    private const int Vocabulary = 61, Batch = 4, Context = 24, Steps = 100;

    [Theory]
    [InlineData(Norm.LayerNorm, Activation.Gelu, Positions.Learned, false, true)]
    [InlineData(Norm.RmsNorm, Activation.SwiGlu, Positions.Rope, true, false)]
    [InlineData(Norm.RmsNorm, Activation.Relu2, Positions.Rope, false, true)]
    public void A_hundred_losses_agree_to_a_hundred_thousandth(Norm norm, Activation activation, Positions positions, bool qkNorm, bool tied)
    {
        var shape = new ModelShape { Layers = 2, Width = 24, Heads = 2, ContextTokens = Context, Norm = norm, Activation = activation, Positions = positions, QkNorm = qkNorm, TiedHead = tied };
        double[] reference = Losses(shape, KernelChoice.Reference), fused = Losses(shape, KernelChoice.Fused);
        Assert.True(reference[^1] < reference[0] - 0.3, $"nothing was learned: {reference[0]} to {reference[^1]}");
        for (int i = 0; i < Steps; i++)
            Assert.True(Math.Abs(fused[i] - reference[i]) <= 1e-5 * reference[i], $"step {i + 1}: {reference[i]:R} and {fused[i]:R}");
        Assert.NotEqual(reference, fused); // they were two computations indeed
    }

    [Fact]
    public void A_loss_without_gradients_is_the_loss_of_training_bit_for_bit()
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new Gpt(new ModelShape { Layers = 2, Width = 24, Heads = 2, ContextTokens = Context, Activation = Activation.SwiGlu }, Vocabulary);
        model.Parameters.Initialise(2);
        (Tensor inputs, Tensor targets) = Data(1);
        double training = model.Loss(inputs, targets).ToDouble();
        using IDisposable _ = no_grad();
        Assert.Equal(training, model.Loss(inputs, targets).ToDouble());
        Assert.Equal(training, nn.functional.cross_entropy(model.Logits(inputs), targets).ToDouble(), 1e-6);
    }

    private static double[] Losses(ModelShape shape, KernelChoice kernels)
    {
        using var model = new Gpt(shape, Vocabulary, kernels: kernels);
        model.Parameters.Initialise(2);
        using var optimizer = new AdamW(model.Parameters, new AdamConfig(), kernels);
        var losses = new double[Steps];
        for (int step = 1; step <= Steps; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor inputs, Tensor targets) = Data(step);
            model.Parameters.ZeroGradients();
            Tensor loss = model.Loss(inputs, targets);
            loss.backward();
            losses[step - 1] = loss.ToDouble();
            optimizer.ClipGradients(1);
            optimizer.Step(step, 2e-3 * Math.Min(1, step / 20.0));
        }

        return losses;
    }

    // A walk over a few tokens: the next one is the last plus one, two or three.
    private static (Tensor Inputs, Tensor Targets) Data(int step)
    {
        var inputs = new long[Batch * Context];
        var targets = new long[inputs.Length];
        for (int row = 0; row < Batch; row++)
        {
            long token = (step * 17) + (row * 29);
            for (int t = 0; t < Context; t++)
            {
                inputs[(row * Context) + t] = token % 13;
                token += 1 + (Math.Abs(CounterRandom.Normal(5, step, (row * Context) + t)) > 1 ? 1 : 0);
                targets[(row * Context) + t] = token % 13;
            }
        }

        return (tensor(inputs, [Batch, Context]), tensor(targets, [targets.Length]));
    }
}
