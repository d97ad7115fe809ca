namespace ScalingLab.Core.Units;

/// <summary>Cross-entropy in bits per byte of text: comparable across tokenizers.</summary>
public readonly record struct BitsPerByte(double Value);
