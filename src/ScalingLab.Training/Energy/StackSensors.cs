using ScalingLab.Core.Devices;

namespace ScalingLab.Training.Energy;

/// <summary>One device's sensors dealt out to the runs that share its steps: each moment's energy in equal parts to those that run then.</summary>
/// <remarks>
/// 1. Between two readings the counter's difference, or the trapezoid of power where there is no counter, is divided by the number of running members.
/// 2. Who joins or leaves ends an interval, so that nobody pays for a time at which it did not run; the shares of all add up to the whole.
/// 3. The share is equal since all are of one shape, and a step does the same work for each. It is no measurement of one run, and its name says so.
/// Every other sensor is the device's as it is: watts are those of the board.
/// </remarks>
/// <param name="device">The sensors of a device that trains nothing but the stack; freed with this.</param>
/// <param name="clock">Measures time.</param>
public sealed class StackSensors(IDeviceSensors device, TimeProvider clock) : IDisposable
{
    /// <summary>Members ask at about the same moment; what one was told serves the others.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(20);

    private readonly Lock gate = new();
    private readonly List<Share> running = [];
    private SensorReading? last;
    private long lastAt;

    /// <summary>Sensors of a further member, which runs from their first reading until they are disposed.</summary>
    public IDeviceSensors Member() => new Share(this);

    /// <summary>Frees the device's sensors.</summary>
    public void Dispose() => device.Dispose();

    // nvml-counter, rapl-package: the part before the dash says whose; a share of power summed between samples stays one of power.
    private string ShareName => last is { CounterJoules: null } && device.PowerName is { } power ? $"{power}-stack-share" : $"{device.CounterName.Split('-')[0]}-stack-share";

    private SensorReading ReadFor(Share member)
    {
        lock (gate)
        {
            bool joins = !running.Contains(member);
            if (joins || last is null || clock.GetElapsedTime(lastAt) >= Fresh)
                Divide();
            if (joins)
                running.Add(member);
            return last! with { CounterJoules = HasEnergy(last!) ? member.Joules : null };
        }
    }

    private void Leave(Share member)
    {
        lock (gate)
        {
            if (!running.Contains(member))
                return;
            Divide();
            running.Remove(member);
        }
    }

    private void Divide()
    {
        SensorReading now = device.Read();
        long at = clock.GetTimestamp();
        if (last is not null && running.Count > 0)
        {
            // A counter that went back makes the shares go back too, which their meters see.
            double? more = last.CounterJoules is { } before && now.CounterJoules is { } after ? after - before
                : last.CounterJoules is null && now.CounterJoules is null && device.PowerName is not null ? (last.PowerWatts + now.PowerWatts) / 2 * clock.GetElapsedTime(lastAt, at).TotalSeconds
                : null;
            foreach (Share member in running)
                member.Joules += more / running.Count;
        }

        (last, lastAt) = (now, at);
    }

    private bool HasEnergy(SensorReading reading) => reading.CounterJoules is not null || (reading.PowerWatts is not null && device.PowerName is not null);

    private sealed class Share(StackSensors stack) : IDeviceSensors
    {
        /// <summary>Its part so far; null once there was a gap in what the device told.</summary>
        public double? Joules { get; set; } = 0;

        public string CounterName => stack.ShareName;

        public string? PowerName => null; // it is summed already

        public SensorReading Read() => stack.ReadFor(this);

        public void Dispose() => stack.Leave(this);
    }
}
