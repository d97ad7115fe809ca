using ScalingLab.Core;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Training;

/// <summary>Whether a device can be used; said with a way out where it cannot.</summary>
public static class DeviceChecks
{
    /// <summary>Throws unless the device is the CPU or one that libtorch reaches.</summary>
    /// <param name="device">What was asked for.</param>
    /// <param name="reached">CUDA devices that libtorch reaches.</param>
    /// <param name="gpus">What the driver shows, for the reason.</param>
    /// <param name="asked">The device as it was asked for; null for its name.</param>
    /// <exception cref="UserErrorException">Exit code <see cref="ExitCode.Device"/>.</exception>
    public static void Require(DeviceName device, int reached, IGpuList gpus, string? asked = null)
    {
        if (!device.IsCuda || device.CudaIndex < reached)
            return;
        throw new UserErrorException(ExitCode.Device, reached > 0
            ? new Diagnostic("SL0512", $"device '{asked ?? device.ToString()}': there {(reached == 1 ? "is one CUDA device" : $"are {reached} CUDA devices")}, counted from 0", null, $"--device cuda:{reached - 1}; CUDA_VISIBLE_DEVICES hides devices")
            : new Diagnostic("SL0512", $"device '{asked ?? device.ToString()}': {gpus.Problem ?? $"libtorch {ProviderCapabilities.LibTorchVersion} reaches none of the GPUs that the driver shows"}", null, "--device cpu, or see 'scalinglab doctor' for what is missing"));
    }
}
