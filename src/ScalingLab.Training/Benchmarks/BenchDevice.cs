using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;

namespace ScalingLab.Training.Benchmarks;

/// <summary>Where, and in which element type, a benchmark multiplies.</summary>
/// <param name="Device">The device.</param>
/// <param name="Products">Type of matrix products.</param>
public sealed record BenchDevice(DeviceName Device, ProductType Products)
{
    /// <summary>float32 on the CPU.</summary>
    public static BenchDevice Cpu { get; } = new(DeviceName.Cpu, ProductType.Fp32);

    /// <summary>Waits for the device; null on the CPU, whose work is done when a call returns.</summary>
    public Action? Synchronise => Device.IsCuda ? () => torch.cuda.synchronize(Device.ToTorch()) : null;

    internal ScalarType Type => Products == ProductType.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>An operand of a product. Random on a GPU, whose clocks rise when the bits that it moves are all alike.</summary>
    internal Tensor Operand(long[] size, double value) => Device.IsCuda ? randn(size, dtype: ScalarType.Float32, device: Device.ToTorch()).to_type(Type) : Full(size, value);

    internal Tensor Full(long[] size, double value) => full(size, value, dtype: Type, device: Device.ToTorch());
}
