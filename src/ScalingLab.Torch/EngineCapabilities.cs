using ScalingLab.Torch.Calls;

namespace ScalingLab.Torch;

/// <summary>What this libtorch has beyond the oldest one supported.</summary>
public static class EngineCapabilities
{
    /// <summary>Whether <see cref="torch.nn.functional.scaled_dot_product_attention"/> can be called.</summary>
    public static bool HasScaledDotProductAttention => Operators.ScaledDotProductAttention.Exists;

    /// <summary>Whether <see cref="FusedAdamW"/> can be called on tensors of some device; on the CPU it takes libtorch 2.4.</summary>
    public static bool HasFusedAdamW => Operators.FusedAdamW.Exists;

    /// <summary>Whether <see cref="FusedAdamW"/> takes its learning rate as a tensor (2.1 and later), which a captured step needs.</summary>
    public static bool HasFusedAdamWOfTensors => Operators.FusedAdamWTensorRate.Exists;
}
