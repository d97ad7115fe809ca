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

    /// <summary>One update in place that reads whatever may change from step to step on the device: a captured call replays rightly.</summary>
    /// <param name="values">Parameters, one tensor or many; all of these lists are of one length and in one order.</param>
    /// <param name="gradients">Their gradients; left divided by <paramref name="gradientScale"/>.</param>
    /// <param name="firstMoments">Running means of gradients.</param>
    /// <param name="secondMoments">Running means of their squares.</param>
    /// <param name="step">Number of this update from 1, a float32 of one element.</param>
    /// <param name="learningRate">Of this update, likewise.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Of the second.</param>
    /// <param name="epsilon">Added to the root of the second moment.</param>
    /// <param name="weightDecay">Decoupled decay of all of these values.</param>
    /// <param name="gradientScale">What gradients are divided by first, a float32 of one element.</param>
    /// <param name="refused">1 leaves everything as it is, to the last bit; 0 updates. Likewise.</param>
    /// <remarks>Check <see cref="EngineCapabilities.HasFusedAdamWOfTensors"/> first. On the CPU it takes libtorch 2.4, and reads these numbers on the host.</remarks>
    public static void Step(
        Tensor[] values, Tensor[] gradients, Tensor[] firstMoments, Tensor[] secondMoments, Tensor step, Tensor learningRate, double beta1, double beta2, double epsilon, double weightDecay, Tensor gradientScale, Tensor refused)
    {
        var steps = new Tensor[values.Length];
        Array.Fill(steps, step);
        Operators.FusedAdamWTensorRate.CallForEffect(
            values, gradients, firstMoments, secondMoments, Array.Empty<Tensor>(), steps,
            learningRate, beta1, beta2, weightDecay, epsilon, false, false, gradientScale, refused); // neither amsgrad nor ascent
    }

    private static Tensor[] One(Tensor tensor) => [tensor];
}
