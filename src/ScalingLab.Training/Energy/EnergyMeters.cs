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
        if (!device.IsCuda)
        {
            if (!alone)
                return new EnergyMeter(null, "several workers share the processor", clock);
            Rapl? rapl = Rapl.TryOpen(out string? unreadable, powercap);
            return new EnergyMeter(rapl, unreadable, clock);
        }

        if (gpus.Gpus.FirstOrDefault(g => g.Index == device.CudaIndex) is not { Uuid: { } uuid })
            return new EnergyMeter(null, gpus.Problem ?? $"the driver gives no UUID of {device}", clock);
        if (Nvml.TryOpen(out string? problem, nvml) is not { } library)
            return new EnergyMeter(null, problem, clock);
        if (library.Find(uuid, out problem) is { } sensors)
            return new EnergyMeter(sensors, alone ? null : "several workers share the GPU", clock);
        library.Dispose();
        return new EnergyMeter(null, problem, clock);
    }
}
