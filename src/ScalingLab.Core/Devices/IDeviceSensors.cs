namespace ScalingLab.Core.Devices;

/// <summary>What a device's sensors said at one moment; null for what it has no sensor of.</summary>
public sealed record SensorReading
{
    /// <summary>Joules that a counter shows, since some moment in the past; only differences mean anything.</summary>
    public double? CounterJoules { get; init; }

    /// <summary>Power drawn, W.</summary>
    public double? PowerWatts { get; init; }

    /// <summary>Temperature, °C.</summary>
    public double? TemperatureCelsius { get; init; }

    /// <summary>Clock of the streaming multiprocessors, MHz.</summary>
    public double? SmClockMhz { get; init; }

    /// <summary>Clock of the memory, MHz.</summary>
    public double? MemoryClockMhz { get; init; }

    /// <summary>Share of the last moments in which a kernel ran, percent.</summary>
    public double? UtilisationPercent { get; init; }

    /// <summary>Processes that compute on the device; null when unknown.</summary>
    public int? ComputeProcesses { get; init; }

    /// <summary>Why there is no energy in it; null when there is.</summary>
    public string? Problem { get; init; }
}

/// <summary>Sensors of one device. Read on one thread.</summary>
public interface IDeviceSensors : IDisposable
{
    /// <summary>Name of the energy counter, e.g. <c>nvml-counter</c>.</summary>
    string CounterName { get; }

    /// <summary>Name of energy summed from power, where there is no counter; null where power is not known either.</summary>
    string? PowerName { get; }

    /// <summary>What they say now; never throws.</summary>
    SensorReading Read();
}
