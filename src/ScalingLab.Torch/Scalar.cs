namespace ScalingLab.Torch;

/// <summary>A number given to an operator, whole or real; spelt as TorchSharp's type of that name.</summary>
public readonly struct Scalar
{
    private Scalar(bool isIntegral, long integer, double real)
    {
        IsIntegral = isIntegral;
        Integer = integer;
        Real = real;
    }

    internal bool IsIntegral { get; }

    internal long Integer { get; }

    internal double Real { get; }

    /// <summary>A whole number.</summary>
    public static implicit operator Scalar(int value) => new(true, value, value);

    /// <summary>A whole number.</summary>
    public static implicit operator Scalar(long value) => new(true, value, value);

    /// <summary>A real number.</summary>
    public static implicit operator Scalar(float value) => new(false, 0, value);

    /// <summary>A real number.</summary>
    public static implicit operator Scalar(double value) => new(false, 0, value);
}
