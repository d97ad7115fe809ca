namespace ScalingLab.Core.Units;

/// <summary>A rate of floating-point operations. Spelt out because "FLOPS" is read both as a count and as a rate.</summary>
public readonly record struct FlopsPerSecond(double Value);
