using ScalingLab.Torch.Calls;
using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch;

/// <summary>libtorch's own AdamW in one pass over each tensor: <c>_fused_adamw_</c>.</summary>
/// <remarks>Loshchilov and Hutter 2019, arXiv:1711.05101, Algorithm 2, in the order of torch.optim.AdamW. Check <see cref="EngineCapabilities.HasFusedAdamW"/> first.</remarks>
public static class FusedAdamW
{
    /// <summary>One update in place.</summary>
    /// <param name="values">Parameters.</param>
    /// <param name="gradients">Their gradients, of the same type.</param>
    /// <param name="firstMoment">Running mean of gradients.</param>
    /// <param name="secondMoment">Running mean of their squares.</param>
    /// <param name="step">Number of this update from 1, a float32 tensor of one element on the same device; read, not changed.</param>
    /// <param name="learningRate">Of this update.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Of the second.</param>
    /// <param name="epsilon">Added to the root of the second moment.</param>
    /// <param name="weightDecay">Decoupled decay of all of these values.</param>
    public static void Step(
        Tensor values, Tensor gradients, Tensor firstMoment, Tensor secondMoment, Tensor step, double learningRate, double beta1, double beta2, double epsilon, double weightDecay) =>
        Operators.FusedAdamW.CallForEffect(
            One(values), One(gradients), One(firstMoment), One(secondMoment), Array.Empty<Tensor>(), One(step),
            learningRate, beta1, beta2, weightDecay, epsilon, false, false); // neither amsgrad nor ascent

    private static Tensor[] One(Tensor tensor) => [tensor];
}
