using ScalingLab.Torch.Calls;
using ScalingLab.Torch.Native;

namespace ScalingLab.Torch;

public static partial class torch
{
    /// <summary>Zeros of a shape; float32 on the CPU unless said otherwise.</summary>
    public static Tensor zeros(long[] size, ScalarType? dtype = null, Device? device = null) => Make(Operators.Zeros, size, dtype, device);

    /// <summary>Ones of a shape.</summary>
    public static Tensor ones(long[] size, ScalarType? dtype = null, Device? device = null) => Make(Operators.Ones, size, dtype, device);

    /// <summary>Memory of a shape with no values set.</summary>
    public static Tensor empty(long[] size, ScalarType? dtype = null, Device? device = null) => Make(Operators.Empty, size, dtype, device);

    /// <summary>Standard normal values from the global generator.</summary>
    public static Tensor randn(long[] size, ScalarType? dtype = null, Device? device = null, Generator? generator = null) =>
        generator is null ? Make(Operators.Randn, size, dtype, device) : Operators.RandnGenerator.Call(size, generator, dtype ?? ScalarType.Float32, Argument.None, device ?? generator.device);

    /// <summary>One value throughout a shape.</summary>
    public static Tensor full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null) =>
        Operators.Full.Call(size, value, dtype ?? ScalarType.Float32, Argument.None, device);

    /// <summary>start, start + step, ... below stop.</summary>
    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null) =>
        Operators.Arange.Call(start, stop, step, dtype, Argument.None, device);

    /// <summary>Tensors joined along a dimension.</summary>
    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Operators.Cat.Call(tensors.ToArray(), dim);

    /// <summary>A float32 tensor of the given values, row-major.</summary>
    public static Tensor tensor(float[] rawArray, ReadOnlySpan<long> dimensions) => From<float>(rawArray, dimensions, ScalarType.Float32);

    /// <summary>A float64 tensor of the given values, row-major.</summary>
    public static Tensor tensor(double[] rawArray, ReadOnlySpan<long> dimensions) => From<double>(rawArray, dimensions, ScalarType.Float64);

    /// <summary>An int64 tensor of the given values, row-major.</summary>
    public static Tensor tensor(long[] dataArray, ReadOnlySpan<long> dimensions) => From<long>(dataArray, dimensions, ScalarType.Int64);

    private static Tensor Make(Operator factory, long[] size, ScalarType? dtype, Device? device) =>
        factory.Call(size, dtype ?? ScalarType.Float32, Argument.None, device);

    private static unsafe Tensor From<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> dimensions, ScalarType type)
        where T : unmanaged
    {
        CaptureGuard.HostAccess("making a tensor of the host's values");
        long count = 1;
        foreach (long size in dimensions)
            count *= size;
        if (count != values.Length)
            throw new ArgumentException($"{values.Length} values do not fill the shape [{string.Join(", ", dimensions.ToArray())}].", nameof(values));
        Engine.EnsureLoaded();
        fixed (T* data = values)
        fixed (long* sizes = dimensions)
        {
            NativeMethods.Check(NativeMethods.TensorFromData(data, (int)type, sizes, dimensions.Length, out nint made), "tensor");
            return Tensor.Own(made);
        }
    }
}
