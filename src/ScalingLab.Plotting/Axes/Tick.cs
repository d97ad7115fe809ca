using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Axes;

/// <summary>A mark on an axis.</summary>
/// <param name="Value">Where, in the axis's unit.</param>
/// <param name="Label">Null for a minor tick.</param>
internal sealed record Tick(double Value, RichText? Label);
