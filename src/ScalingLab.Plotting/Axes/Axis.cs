using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Axes;

/// <summary>A scale and what it measures, unit included.</summary>
internal sealed record Axis(AxisScale Scale, RichText Label);
