using ScalingLab.Core.Devices;

namespace ScalingLab.Training.Energy;

/// <summary>Energy of a run so far.</summary>
/// <param name="Joules">Over all attempts; null where it is not known.</param>
/// <param name="Source">Where it was read: <c>nvml-counter</c>, <c>rapl-package</c>, or <c>nvml-power-integral</c>, which is power summed between samples and no counter; <c>nvml-stack-share</c> and the like for a share of a stack's, see <see cref="StackSensors"/>; null without joules.</param>
/// <param name="Missing">Why it is not known; null when it is.</param>
public sealed record RunEnergy(double? Joules, string? Source, string? Missing);

/// <summary>Measures the energy of one run from its device's sensors. Joules are a difference of readings, or null with the reason: never a guess.</summary>
/// <remarks>
/// 1. A counter's joules are those between its first and last reading. 2. Without a counter, power is summed by trapezoids over the samples and
/// labelled so. 3. What cannot be laid to this run alone (a device shared with other processes) or was not measured in an earlier attempt is null.
/// As with seconds, what an attempt used after its last checkpoint before it died is not in the sum.
/// </remarks>
/// <param name="sensors">The device's; null when there are none.</param>
/// <param name="missing">Why joules cannot be had or laid to this run; null when they can.</param>
/// <param name="clock">Measures time.</param>
public sealed class EnergyMeter(IDeviceSensors? sensors, string? missing, TimeProvider clock) : IDisposable
{
    /// <summary>Least time between two samples: reading all sensors takes up to a millisecond, and the counters themselves are renewed some ten times a second.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private double joules;
    private string? source;
    private SensorReading? last;
    private long lastAt;

    /// <summary>The run's energy as of the last sample.</summary>
    public RunEnergy Energy => missing is null ? new(joules, source, null) : new(null, null, missing);

    /// <summary>Begins to count.</summary>
    /// <param name="earlier">Energy of earlier attempts; null for a run that begins.</param>
    public void Begin(RunEnergy? earlier)
    {
        if (earlier is { Joules: null })
            missing ??= earlier.Missing ?? "an earlier attempt was not measured";
        joules = earlier?.Joules ?? 0;
        source = earlier?.Source;
        last = sensors?.Read();
        lastAt = clock.GetTimestamp();
        Judge(last);
    }

    /// <summary>Reads the sensors, unless they were read a moment ago.</summary>
    /// <param name="now">Read them in any case.</param>
    /// <returns>What they said; null when they were not read.</returns>
    public SensorReading? Sample(bool now = false)
    {
        if (sensors is null || (!now && clock.GetElapsedTime(lastAt) < Pause))
            return null;
        SensorReading reading = sensors.Read();
        long at = clock.GetTimestamp();
        if (last is not null)
            Add(last, reading, clock.GetElapsedTime(lastAt, at).TotalSeconds);
        (last, lastAt) = (reading, at);
        return reading;
    }

    /// <summary>Frees the sensors.</summary>
    public void Dispose() => sensors?.Dispose();

    private void Add(SensorReading from, SensorReading to, double seconds)
    {
        Judge(to);
        if (missing is not null)
            return;
        if (from.CounterJoules is { } before && to.CounterJoules is { } after)
        {
            if (after < before)
                missing = "the energy counter went back: the driver was loaded anew";
            else
                Count(after - before, sensors!.CounterName);
        }
        else if (from.CounterJoules is null && to.CounterJoules is null && from.PowerWatts is { } first && to.PowerWatts is { } second && sensors!.PowerName is { } name)
        {
            Count((first + second) / 2 * seconds, name);
        }
        else
        {
            missing = to.Problem ?? from.Problem ?? "the energy counter could not be read throughout";
        }
    }

    private void Judge(SensorReading? reading)
    {
        if (reading is { ComputeProcesses: > 1 and { } processes })
            missing ??= FormattableString.Invariant($"{processes} processes computed on the GPU");
        if (reading is { CounterJoules: null } && (reading.PowerWatts is null || sensors!.PowerName is null))
            missing ??= reading.Problem ?? "the device has no energy counter";
    }

    private void Count(double more, string name)
    {
        joules += more;
        if (source is null)
            source = name;
        else if (!source.Split('+').Contains(name))
            source += "+" + name; // attempts on different machines
    }
}
