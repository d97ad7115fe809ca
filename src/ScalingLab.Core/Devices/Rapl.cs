using System.Globalization;

namespace ScalingLab.Core.Devices;

/// <summary>Energy of the processor's packages by RAPL, as Linux's powercap shows it: cores, caches and memory controller; DRAM and the rest of the machine are not in it.</summary>
/// <remarks>
/// Documentation/power/powercap in the Linux kernel: <c>energy_uj</c> counts microjoules and starts again from 0 after
/// <c>max_energy_range_uj</c> (some 262 kJ on many CPUs, so an hour or so): it must be read more often than that.
/// </remarks>
public sealed class Rapl : IDeviceSensors
{
    private readonly (string Counter, double Range)[] packages;
    private readonly double[] last; // microjoules
    private double total;

    private Rapl((string Counter, double Range)[] packages)
    {
        this.packages = packages;
        last = [.. packages.Select(p => Microjoules(p.Counter) ?? 0)];
    }

    /// <inheritdoc/>
    public string CounterName => "rapl-package";

    /// <inheritdoc/>
    public string? PowerName => null;

    /// <summary>Packages counted.</summary>
    public int Packages => packages.Length;

    /// <summary>Opens the counters of all packages.</summary>
    /// <param name="problem">Why that cannot be; null when it can.</param>
    /// <param name="folder">Where powercap's zones lie.</param>
    public static Rapl? TryOpen(out string? problem, string folder = "/sys/class/powercap")
    {
        // intel-rapl:0 is a package (also on AMD), intel-rapl:0:0 a part of it; psys is the whole platform and contains the packages.
        string[] zones = Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder, "intel-rapl:*").Where(z => Path.GetFileName(z).Count(c => c == ':') == 1 && (Text(Path.Combine(z, "name")) ?? "").StartsWith("package", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
            : [];
        if (zones.Length == 0)
        {
            problem = $"no RAPL counter in {folder}";
            return null;
        }

        foreach (string zone in zones)
        {
            if (Microjoules(Path.Combine(zone, "energy_uj")) is null)
            {
                problem = $"{Path.Combine(zone, "energy_uj")} cannot be read (by default root alone may)";
                return null;
            }
        }

        problem = null;
        return new Rapl([.. zones.Select(z => (Path.Combine(z, "energy_uj"), Microjoules(Path.Combine(z, "max_energy_range_uj")) ?? 0))]);
    }

    /// <inheritdoc/>
    public SensorReading Read()
    {
        for (int i = 0; i < packages.Length; i++)
        {
            if (Microjoules(packages[i].Counter) is not { } now)
                return new SensorReading { Problem = $"{packages[i].Counter} can no longer be read" };
            double used = now - last[i];
            if (used < 0)
                used += packages[i].Range; // it began anew
            if (used < 0)
                return new SensorReading { Problem = $"{packages[i].Counter} went back" };
            total += used;
            last[i] = now;
        }

        return new SensorReading { CounterJoules = total / 1e6 };
    }

    /// <summary>Nothing is held open.</summary>
    public void Dispose()
    {
    }

    private static double? Microjoules(string file) =>
        Text(file) is { } text && double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out double value) ? value : null;

    private static string? Text(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
