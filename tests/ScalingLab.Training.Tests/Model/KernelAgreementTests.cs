using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training.Model;

namespace ScalingLab.Training.Tests.Model;

/// <summary>The fused step against the plain composition, from the same weights on the same data.</summary>
public sealed class KernelAgreementTests
{
    private const int Vocabulary = ShortWalk.Vocabulary, Context = ShortWalk.Context;

    [Theory]
    [InlineData(Norm.LayerNorm, Activation.Gelu, Positions.Learned, false, true)]
    [InlineData(Norm.RmsNorm, Activation.SwiGlu, Positions.Rope, true, false)]
    [InlineData(Norm.RmsNorm, Activation.Relu2, Positions.Rope, false, true)]
    public void A_hundred_losses_agree_to_a_hundred_thousandth(Norm norm, Activation activation, Positions positions, bool qkNorm, bool tied)
    {
        var shape = new ModelShape { Layers = 2, Width = 24, Heads = 2, ContextTokens = Context, Norm = norm, Activation = activation, Positions = positions, QkNorm = qkNorm, TiedHead = tied };
        double[] reference = ShortWalk.Losses(shape, KernelChoice.Reference), fused = ShortWalk.Losses(shape, KernelChoice.Fused);
        Assert.True(reference[^1] < reference[0] - 0.3, $"nothing was learned: {reference[0]} to {reference[^1]}");
        for (int i = 0; i < ShortWalk.Steps; i++)
            Assert.True(Math.Abs(fused[i] - reference[i]) <= 1e-5 * reference[i], $"step {i + 1}: {reference[i]:R} and {fused[i]:R}");
        Assert.Equal(ProviderCapabilities.HasFusedKernels, !reference.SequenceEqual(fused)); // two computations indeed, or one where there are no fused operators
    }

    [Fact]
    public void A_loss_without_gradients_is_the_loss_of_training_bit_for_bit()
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new Gpt(new ModelShape { Layers = 2, Width = 24, Heads = 2, ContextTokens = Context, Activation = Activation.SwiGlu }, Vocabulary);
        model.Parameters.Initialise(2);
        (Tensor inputs, Tensor targets) = ShortWalk.Data(1);
        double training = model.Loss(inputs, targets).ToDouble();
        using IDisposable _ = no_grad();
        Assert.Equal(training, model.Loss(inputs, targets).ToDouble());
        Assert.Equal(training, nn.functional.cross_entropy(model.Logits(inputs), targets).ToDouble(), 1e-6);
    }
}
