using ScalingLab.Core.Devices;

namespace ScalingLab.Training;

/// <summary>Tensors on their way to a device and back.</summary>
public static class Placement
{
    /// <summary>The device as libtorch takes it.</summary>
    public static Device ToTorch(this DeviceName device) => torch.device(device.ToString());

    internal static bool IsCpu(Device device) => device.ToString() == "cpu";

    internal static bool IsCuda(Device device) => device.ToString().StartsWith("cuda", StringComparison.Ordinal);

    /// <summary>A tensor of the CPU on a device: itself where that is the CPU.</summary>
    internal static Tensor On(this Tensor tensor, Device device) => IsCpu(device) ? tensor : tensor.to(device);

    /// <summary>A tensor of a device on the CPU: itself where that is the CPU.</summary>
    internal static Tensor From(this Tensor tensor, Device device) => IsCpu(device) ? tensor : tensor.cpu();
}
