namespace ScalingLab.Training.Model;

/// <summary>One parameter tensor of a model, before it exists.</summary>
/// <param name="Name">Dotted name, e.g. <c>blocks.0.attention.qkv.weight</c>.</param>
/// <param name="Shape">Sizes.</param>
/// <param name="StandardDeviation">Of its normal initial values; null for a constant.</param>
/// <param name="Constant">Initial value where there is no standard deviation.</param>
public sealed record ParameterSpec(string Name, long[] Shape, double? StandardDeviation, double Constant = 0)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Whether weight decay falls on it: matrices yes, gains and biases no.</summary>
    public bool Decays => Shape.Length > 1;
}
