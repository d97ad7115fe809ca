using ScalingLab.Core.Devices;
using ScalingLab.Training.Energy;

namespace ScalingLab.Training.Tests.Energy;

/// <summary>A device's energy in the hands of the runs of a stack.</summary>
public sealed class StackSensorsTests
{
    private readonly Board board = new();
    private readonly Clock clock = new();

    [Fact]
    public void Each_run_pays_an_equal_part_of_the_time_at_which_it_ran_and_all_together_the_whole()
    {
        using var stack = new StackSensors(board, clock);
        EnergyMeter[] meters = [.. Enumerable.Range(0, 3).Select(_ => Begun(stack))];
        Pass(30); // 10 each
        meters[0].Sample(now: true);
        Pass(30); // 10 each: the last two have not asked since they began
        meters[2].Sample(now: true);
        meters[2].Dispose();
        Pass(50); // 25 for each of the two that are left
        meters[0].Sample(now: true);
        meters[1].Sample(now: true);
        Assert.Equal([45, 45, 20], meters.Select(m => m.Energy.Joules!.Value));
        Assert.Equal(30 + 30 + 50, meters.Sum(m => m.Energy.Joules!.Value));
        Assert.All(meters, m => Assert.Equal(("nvml-stack-share", null), (m.Energy.Source, m.Energy.Missing)));
    }

    [Fact]
    public void A_run_that_joins_later_pays_nothing_of_what_was_before()
    {
        using var stack = new StackSensors(board, clock);
        EnergyMeter first = Begun(stack);
        Pass(40);
        EnergyMeter second = Begun(stack);
        Pass(20);
        first.Sample(now: true);
        second.Sample(now: true);
        Assert.Equal((50, 10), (first.Energy.Joules, second.Energy.Joules));
    }

    [Fact]
    public void Watts_degrees_and_clocks_are_the_boards_and_are_read_once_for_all_who_ask_at_a_time()
    {
        using var stack = new StackSensors(board, clock);
        EnergyMeter[] meters = [.. Enumerable.Range(0, 8).Select(_ => Begun(stack))];
        Pass(1);
        int before = board.Reads;
        Assert.All(meters, m => Assert.Equal((250, 61, 1980), (m.Sample(now: true) is { } r ? (r.PowerWatts, r.TemperatureCelsius, r.SmClockMhz) : default)));
        Assert.Equal(before + 1, board.Reads);
    }

    [Fact]
    public void Without_a_counter_power_is_summed_and_the_name_says_so()
    {
        board.HasCounter = false;
        using var stack = new StackSensors(board, clock);
        EnergyMeter[] meters = [Begun(stack), Begun(stack)];
        clock.Seconds += 2;
        Assert.All(meters, m => Assert.NotNull(m.Sample(now: true)));
        Assert.All(meters, m => Assert.Equal(new RunEnergy(250, "nvml-power-integral-stack-share", null), m.Energy));
    }

    [Fact]
    public void What_makes_a_runs_joules_unknown_makes_those_of_all_unknown()
    {
        using var stack = new StackSensors(board, clock);
        EnergyMeter[] meters = [Begun(stack), Begun(stack)];
        Pass(-100);
        Assert.All(meters, m => Assert.NotNull(m.Sample(now: true)));
        Assert.All(meters, m => Assert.Equal(new RunEnergy(null, null, "the energy counter went back: the driver was loaded anew"), m.Energy));

        EnergyMeter[] others = [Begun(stack), Begun(stack)];
        board.Processes = 2;
        Pass(1);
        Assert.All(others, m => Assert.NotNull(m.Sample(now: true)));
        Assert.All(others, m => Assert.Equal("2 processes computed on the GPU", m.Energy.Missing));
    }

    private EnergyMeter Begun(StackSensors stack)
    {
        var meter = new EnergyMeter(stack.Member(), null, clock);
        meter.Begin(null);
        return meter;
    }

    private void Pass(double joules)
    {
        clock.Seconds += 1;
        board.Joules += joules;
    }

    private sealed class Board : IDeviceSensors
    {
        public double Joules { get; set; } = 1e6;

        public bool HasCounter { get; set; } = true;

        public int Processes { get; set; } = 1;

        public int Reads { get; private set; }

        public string CounterName => "nvml-counter";

        public string? PowerName => "nvml-power-integral";

        public SensorReading Read()
        {
            Reads++;
            return new SensorReading { CounterJoules = HasCounter ? Joules : null, PowerWatts = 250, TemperatureCelsius = 61, SmClockMhz = 1980, ComputeProcesses = Processes };
        }

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
}
