using ScalingLab.Core.Devices;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Energy;

namespace ScalingLab.Training.Tests.Energy;

public sealed class EnergyMeterTests
{
    private readonly Sensors sensors = new();
    private readonly Clock clock = new();

    [Fact]
    public void Joules_are_the_difference_of_the_counter_and_not_what_it_shows()
    {
        Assert.Equal(new RunEnergy(0, null, null), Begun(1e9).Energy);
        EnergyMeter meter = Begun(1e9);
        foreach (double more in new[] { 3.0, 3, 10.5 })
            Sample(meter, 1e9 + more);
        Assert.Equal(new RunEnergy(10.5, "nvml-counter", null), meter.Energy);
    }

    [Fact]
    public void Power_is_summed_by_trapezoids_where_there_is_no_counter_and_labelled_so()
    {
        sensors.Now = new SensorReading { PowerWatts = 100 };
        var meter = new EnergyMeter(sensors, null, clock);
        meter.Begin(null);
        foreach (double watts in new[] { 200.0, 200 })
        {
            clock.Seconds += 2;
            sensors.Now = new SensorReading { PowerWatts = watts };
            Assert.NotNull(meter.Sample());
        }

        Assert.Equal(new RunEnergy(300 + 400, "nvml-power-integral", null), meter.Energy);
    }

    [Fact]
    public void Sensors_are_read_no_oftener_than_ten_times_a_second_unless_they_must_be()
    {
        EnergyMeter meter = Begun(0);
        int before = sensors.Reads;
        for (int i = 0; i < 100; i++)
        {
            clock.Seconds += 0.004;
            meter.Sample();
        }

        Assert.InRange(sensors.Reads - before, 3, 4);
        before = sensors.Reads;
        Assert.NotNull(meter.Sample(now: true));
        Assert.Null(meter.Sample());
        Assert.Equal(before + 1, sensors.Reads);
    }

    [Fact]
    public void A_resumed_run_adds_to_what_its_checkpoint_says()
    {
        EnergyMeter meter = Begun(500, earlier: new RunEnergy(40, "nvml-counter", null));
        Sample(meter, 502);
        Assert.Equal(new RunEnergy(42, "nvml-counter", null), meter.Energy);
        EnergyMeter other = Begun(500, earlier: new RunEnergy(40, "nvml-power-integral", null));
        Sample(other, 502);
        Assert.Equal("nvml-power-integral+nvml-counter", other.Energy.Source);
    }

    [Theory]
    [InlineData("several workers share the GPU", "several workers share the GPU")]
    [InlineData(null, "an earlier attempt was not measured")]
    public void An_attempt_that_was_not_measured_leaves_the_whole_run_without_joules(string? reason, string expected)
    {
        EnergyMeter meter = Begun(500, earlier: new RunEnergy(null, null, reason));
        Sample(meter, 502);
        Assert.Equal(new RunEnergy(null, null, expected), meter.Energy);
    }

    [Fact]
    public void What_cannot_be_laid_to_the_run_is_null_with_the_reason()
    {
        EnergyMeter back = Begun(500);
        Sample(back, 20);
        Assert.Equal("the energy counter went back: the driver was loaded anew", back.Energy.Missing);
        Sample(back, 30);
        Assert.Null(back.Energy.Joules);

        EnergyMeter crowded = Begun(0);
        sensors.Now = new SensorReading { CounterJoules = 5, ComputeProcesses = 2 };
        crowded.Sample(now: true);
        Assert.Equal(new RunEnergy(null, null, "2 processes computed on the GPU"), crowded.Energy);

        EnergyMeter lost = Begun(0);
        sensors.Now = new SensorReading { Problem = "GPU is lost" };
        lost.Sample(now: true);
        Assert.Equal(new RunEnergy(null, null, "GPU is lost"), lost.Energy);

        EnergyMeter silent = Begun(0); // power goes on, but two ways of counting make no sum
        sensors.Now = new SensorReading { PowerWatts = 250 };
        silent.Sample(now: true);
        Assert.Equal(new RunEnergy(null, null, "the energy counter could not be read throughout"), silent.Energy);

        var none = new EnergyMeter(null, "no RAPL counter", clock);
        none.Begin(null);
        Assert.Null(none.Sample(now: true));
        Assert.Equal(new RunEnergy(null, null, "no RAPL counter"), none.Energy);
    }

    /// <summary>Two attempts of one run: the log grows over both, done.json has the sum, and power is logged where it was measured.</summary>
    [Fact]
    public void A_run_logs_its_energy_and_a_resume_goes_on_from_the_checkpoint()
    {
        using var run = new SmallRun();
        RunFolder folder = run.NewFolder("run");
        double counter = 1000;
        using (var stop = new CancellationTokenSource())
            Assert.Equal(LoopEnd.Checkpointed, Attempt(step => Cancel(step == 10, stop), stop.Token));
        counter = 50_000; // another machine, or hours later
        Assert.Equal(LoopEnd.Done, Attempt(null, default));
        LogEntry[] log = [.. folder.ReadLog().Entries];
        Assert.Equal([1, 3, 6, 9, 12, 15, 18, 20], log.Select(e => e.Step));
        DoneRecord done = folder.ReadDone()!;
        Assert.Equal("nvml-counter", done.JoulesSource);
        Assert.Null(done.JoulesMissing);
        double[] joules = [.. log.Select(e => e.Joules!.Value)];
        Assert.Equal(joules.Order(), joules);
        Assert.InRange(joules[0], 2, 20);
        Assert.InRange(done.Joules!.Value, joules[^1], 100); // not 49,000: the jump between the attempts is no one's
        Assert.All(log, e => Assert.Equal((250, 61, 1980), (e.PowerWatts, e.TemperatureCelsius, e.SmClockMhz)));
        Assert.Contains("\"power_watts\":250", File.ReadAllLines(folder.LogPath)[0]);

        LoopEnd Attempt(Action<long>? each, CancellationToken stop)
        {
            var fake = new Counting(() => counter += 2);
            RunManifest manifest = folder.ReadManifest()!;
            using Trainer trainer = run.NewTrainer(manifest.Config);
            using var meter = new EnergyMeter(fake, null, new Hasty());
            return new TrainingLoop(folder, SmallRun.Claim(folder), manifest, trainer, new Hasty(), message => each?.Invoke(message.Step), meter: meter).Run(stop);
        }

        static void Cancel(bool now, CancellationTokenSource stop)
        {
            if (now)
                stop.Cancel();
        }
    }

    [Fact]
    public void A_run_without_a_meter_has_no_fields_of_one()
    {
        using var run = new SmallRun();
        RunFolder folder = run.NewFolder("run");
        run.Train(folder);
        Assert.All(File.ReadAllLines(folder.LogPath), line => Assert.DoesNotContain("watts", line, StringComparison.Ordinal));
        Assert.Contains("\"joules\":null", File.ReadAllText(folder.DonePath));
    }

    private EnergyMeter Begun(double counter, RunEnergy? earlier = null)
    {
        sensors.Now = new SensorReading { CounterJoules = counter, PowerWatts = 250 };
        var meter = new EnergyMeter(sensors, null, clock);
        meter.Begin(earlier);
        return meter;
    }

    private void Sample(EnergyMeter meter, double counter)
    {
        sensors.Now = new SensorReading { CounterJoules = counter, PowerWatts = 250 };
        meter.Sample(now: true);
    }

    private sealed class Sensors : IDeviceSensors
    {
        public SensorReading Now { get; set; } = new();

        public int Reads { get; private set; }

        public string CounterName => "nvml-counter";

        public string? PowerName => "nvml-power-integral";

        public SensorReading Read()
        {
            Reads++;
            return Now;
        }

        public void Dispose()
        {
        }
    }

    private sealed class Counting(Func<double> counter) : IDeviceSensors
    {
        public string CounterName => "nvml-counter";

        public string? PowerName => null;

        public SensorReading Read() => new() { CounterJoules = counter(), PowerWatts = 250, TemperatureCelsius = 61, SmClockMhz = 1980, ComputeProcesses = 1 };

        public void Dispose()
        {
        }
    }

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => (long)Math.Round(Seconds * 1e6);
    }

    private sealed class Hasty : TimeProvider
    {
        private long now;

        public override long GetTimestamp() => now += TimestampFrequency;
    }
}
