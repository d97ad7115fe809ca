using ScalingLab.Core.Devices;
using ScalingLab.Training.Energy;
using ScalingLab.Training.Tests.Data;

namespace ScalingLab.Training.Tests.Energy;

/// <summary>A folder laid out as Linux's powercap: two packages, a part of one, and the platform that contains them.</summary>
public sealed class RaplTests : IDisposable
{
    private const double Range = 262_143_328_850;

    private readonly TemporaryFolder folder = new();

    public RaplTests()
    {
        Zone("intel-rapl:0", "package-0", 1_000_000);
        Zone("intel-rapl:0:0", "core", 900_000);
        Zone("intel-rapl:1", "package-1", Range - 500_000);
        Zone("intel-rapl:2", "psys", 7);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Packages_are_summed_and_a_counter_that_began_anew_is_carried_on()
    {
        using Rapl rapl = Rapl.TryOpen(out string? problem, folder.Path)!;
        Assert.Null(problem);
        Assert.Equal(2, rapl.Packages);
        Assert.Equal(0, rapl.Read().CounterJoules);
        Set("intel-rapl:0", 4_000_000);
        Set("intel-rapl:1", 1_500_000);
        Assert.Equal(3 + 2, rapl.Read().CounterJoules!.Value, 1e-9);
        Set("intel-rapl:0", 4_500_000);
        Assert.Equal(5.5, rapl.Read().CounterJoules!.Value, 1e-9);
    }

    [Fact]
    public void A_worker_alone_on_the_processor_is_measured_and_one_of_several_is_not()
    {
        using EnergyMeter alone = EnergyMeters.Of(DeviceName.Cpu, alone: true, NoGpus.Instance, TimeProvider.System, powercap: folder.Path);
        alone.Begin(null);
        Set("intel-rapl:0", 3_500_000);
        Assert.Null(alone.Sample(now: true)!.PowerWatts);
        Assert.Equal(new RunEnergy(2.5, "rapl-package", null), alone.Energy);
        using EnergyMeter shared = EnergyMeters.Of(DeviceName.Cpu, alone: false, NoGpus.Instance, TimeProvider.System, powercap: folder.Path);
        shared.Begin(null);
        Assert.Equal(new RunEnergy(null, null, "several workers share the processor"), shared.Energy);
    }

    [Fact]
    public void A_counter_that_goes_away_or_back_gives_no_number()
    {
        File.WriteAllText(Path.Combine(folder.Path, "intel-rapl:1", "max_energy_range_uj"), "0\n");
        using Rapl rapl = Rapl.TryOpen(out _, folder.Path)!;
        Set("intel-rapl:1", 1);
        SensorReading back = rapl.Read();
        Assert.Equal((null, $"{Path.Combine(folder.Path, "intel-rapl:1", "energy_uj")} went back"), (back.CounterJoules, back.Problem));
        File.Delete(Path.Combine(folder.Path, "intel-rapl:0", "energy_uj"));
        SensorReading gone = rapl.Read();
        Assert.Equal((null, $"{Path.Combine(folder.Path, "intel-rapl:0", "energy_uj")} can no longer be read"), (gone.CounterJoules, gone.Problem));
    }

    [Fact]
    public void Without_counters_the_reason_is_said()
    {
        string empty = Path.Combine(folder.Path, "nowhere");
        Assert.Null(Rapl.TryOpen(out string? problem, empty));
        Assert.Equal($"no RAPL counter in {empty}", problem);
        File.Delete(Path.Combine(folder.Path, "intel-rapl:1", "energy_uj"));
        Assert.Null(Rapl.TryOpen(out problem, folder.Path));
        Assert.StartsWith(Path.Combine(folder.Path, "intel-rapl:1", "energy_uj"), problem);
    }

    private void Zone(string zone, string name, double microjoules)
    {
        string path = Directory.CreateDirectory(Path.Combine(folder.Path, zone)).FullName;
        File.WriteAllText(Path.Combine(path, "name"), name + "\n");
        File.WriteAllText(Path.Combine(path, "max_energy_range_uj"), FormattableString.Invariant($"{Range:0}\n"));
        Set(zone, microjoules);
    }

    private void Set(string zone, double microjoules) => File.WriteAllText(Path.Combine(folder.Path, zone, "energy_uj"), FormattableString.Invariant($"{microjoules:0}\n"));
}
