using ScalingLab.Core.Models;

namespace ScalingLab.Training.Model;

/// <summary>What attention looks up: the causal mask, and the angles of rotary positions.</summary>
internal sealed record AttentionTables(CausalMask? Mask, RotaryPositions? Rotary)
{
    /// <summary>The tables of a shape.</summary>
    /// <param name="shape">Architecture.</param>
    /// <param name="type">Of their numbers.</param>
    /// <param name="device">Where they lie.</param>
    /// <param name="operators">Which may mask by themselves.</param>
    public AttentionTables(ModelShape shape, ScalarType type, Device device, StepOperators operators)
        : this(
            operators.ScaledDotProductAttention ? null : new CausalMask(shape.ContextTokens, type, device),
            shape.Positions == Positions.Rope ? new RotaryPositions(shape.ContextTokens, shape.HeadWidth, type, device) : null)
    {
    }
}
