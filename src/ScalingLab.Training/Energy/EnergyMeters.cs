using ScalingLab.Core.Devices;

namespace ScalingLab.Training.Energy;

/// <summary>The energy meter of a worker.</summary>
public static class EnergyMeters
{
    /// <summary>The meter of a device, or one that says why there is none.</summary>
    /// <param name="device">Where the worker trains.</param>
    /// <param name="alone">Whether no other worker of the sweep shares the GPU, or the processor.</param>
    /// <param name="gpus">The devices that are there.</param>
    /// <param name="clock">Measures time.</param>
    /// <param name="nvml">Name or path of NVML.</param>
    /// <param name="powercap">Folder of the processor's counters.</param>
    public static EnergyMeter Of(DeviceName device, bool alone, IGpuList gpus, TimeProvider clock, string nvml = "libnvidia-ml.so.1", string powercap = "/sys/class/powercap")
    {
        (IDeviceSensors? sensors, string? missing) = SensorsOf(device, alone, gpus, nvml, powercap);
        return new EnergyMeter(sensors, missing, clock);
    }

    /// <summary>Meters of the members of a stack: each counts its share of the device, and one that is alone in its stack all of it.</summary>
    /// <param name="members">E.</param>
    /// <param name="device">Where the worker trains.</param>
    /// <param name="alone">Whether no other worker of the sweep shares the GPU, or the processor.</param>
    /// <param name="gpus">The devices that are there.</param>
    /// <param name="clock">Measures time.</param>
    /// <param name="nvml">Name or path of NVML.</param>
    /// <param name="powercap">Folder of the processor's counters.</param>
    /// <returns>What makes the meter of a member, and what to free after the last.</returns>
    public static (Func<EnergyMeter> New, IDisposable? Sensors) OfStack(int members, DeviceName device, bool alone, IGpuList gpus, TimeProvider clock, string nvml = "libnvidia-ml.so.1", string powercap = "/sys/class/powercap")
    {
        if (members == 1)
            return (() => Of(device, alone, gpus, clock, nvml, powercap), null);
        (IDeviceSensors? sensors, string? missing) = SensorsOf(device, alone, gpus, nvml, powercap);
        if (sensors is null)
            return (() => new EnergyMeter(null, missing, clock), null);
        var shared = new StackSensors(sensors, clock);
        return (() => new EnergyMeter(shared.Member(), missing, clock), shared);
    }

    private static (IDeviceSensors? Sensors, string? Missing) SensorsOf(DeviceName device, bool alone, IGpuList gpus, string nvml, string powercap)
    {
        if (!device.IsCuda)
            return alone ? (Rapl.TryOpen(out string? unreadable, powercap), unreadable) : (null, "several workers share the processor");
        if (gpus.Gpus.FirstOrDefault(g => g.Index == device.CudaIndex) is not { Uuid: { } uuid })
            return (null, gpus.Problem ?? $"the driver gives no UUID of {device}");
        if (Nvml.TryOpen(out string? problem, nvml) is not { } library)
            return (null, problem);
        if (library.Find(uuid, out problem) is { } sensors)
            return (sensors, alone ? null : "several workers share the GPU");
        library.Dispose();
        return (null, problem);
    }
}
