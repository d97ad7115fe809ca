using ScalingLab.Core.Devices;

namespace ScalingLab.Cli.Machine;

/// <summary>Looks for the sensors that a worker would measure its energy by.</summary>
internal static class EnergyProbe
{
    /// <summary>One answer for the CPU and for each GPU that the driver shows.</summary>
    /// <param name="gpus">Those.</param>
    /// <param name="nvml">Name or path of NVML.</param>
    /// <param name="powercap">Folder of the processor's counters.</param>
    public static IReadOnlyList<EnergyFacts> Read(IGpuList gpus, string nvml = "libnvidia-ml.so.1", string powercap = "/sys/class/powercap")
    {
        using Rapl? rapl = Rapl.TryOpen(out string? unreadable, powercap);
        List<EnergyFacts> found = [new(DeviceName.Cpu.ToString(), rapl?.CounterName, unreadable)];
        if (gpus.Gpus.Count == 0)
            return found;
        using Nvml? library = Nvml.TryOpen(out string? problem, nvml);
        found.AddRange(gpus.Gpus.Select(gpu => Of(gpu, library, problem)));
        return found;
    }

    private static EnergyFacts Of(GpuDevice gpu, Nvml? nvml, string? problem)
    {
        string device = gpu.Device.ToString();
        if (nvml is null)
            return new(device, null, problem);
        if (gpu.Uuid is null)
            return new(device, null, "the driver gives no UUID of it");
        if (nvml.Find(gpu.Uuid, out string? unknown) is not { } sensors)
            return new(device, null, unknown);
        SensorReading reading = sensors.Read();
        return new(device, reading.CounterJoules is not null ? sensors.CounterName : reading.PowerWatts is not null ? sensors.PowerName : null, reading.Problem);
    }
}
