using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Units;
using ScalingLab.Planning.Units;

namespace ScalingLab.Planning;

/// <summary>Reads budgets: <c>5.76e23</c>, <c>3640PF-day</c>, <c>12 EFLOP</c>.</summary>
public static class FlopsText
{
    /// <summary>The count, above 0 and finite.</summary>
    /// <exception cref="UserErrorException">Not a number of FLOPs; a rate such as PFLOP/s is named as one.</exception>
    public static Flops Parse(string text) => new(QuantityText.Parse(text, Dimension.Flops));
}
