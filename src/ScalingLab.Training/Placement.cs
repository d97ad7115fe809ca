namespace ScalingLab.Training;

/// <summary>Tensors on their way to a device and back.</summary>
internal static class Placement
{
    public static bool IsCpu(Device device) => device.ToString() == "cpu";

    public static bool IsCuda(Device device) => device.ToString().StartsWith("cuda", StringComparison.Ordinal);

    /// <summary>A tensor of the CPU on a device: itself where that is the CPU.</summary>
    public static Tensor On(this Tensor tensor, Device device) => IsCpu(device) ? tensor : tensor.to(device);

    /// <summary>A tensor of a device on the CPU: itself where that is the CPU.</summary>
    public static Tensor From(this Tensor tensor, Device device) => IsCpu(device) ? tensor : tensor.cpu();
}
