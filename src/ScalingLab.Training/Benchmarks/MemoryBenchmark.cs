using System.Globalization;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;

namespace ScalingLab.Training.Benchmarks;

/// <summary>How fast memory is, and how much of it this process holds.</summary>
public static class MemoryBenchmark
{
    /// <summary>Time to copy a vector, a ← b: it is read once and written once.</summary>
    /// <param name="elements">Float32 elements; far more than the caches hold.</param>
    /// <param name="seconds">About how long to repeat it.</param>
    /// <param name="device">Whose memory; null for the CPU's.</param>
    public static Timings Copy(long elements, double seconds, DeviceName? device = null)
    {
        using DisposeScope scope = NewDisposeScope();
        var on = new BenchDevice(device ?? DeviceName.Cpu, ProductType.Fp32);
        Tensor a = on.Full([elements], 0.5), b = on.Full([elements], 0.25);
        return Repeated.Time(seconds, () => a.copy_(b), on.Synchronise);
    }

    /// <summary>Time of a scaled sum, a ← a + s·b: two vectors read and one written. The triad of McCalpin's STREAM with its sum in place.</summary>
    /// <param name="elements">Float32 elements; far more than the caches hold.</param>
    /// <param name="seconds">About how long to repeat it.</param>
    /// <param name="device">Whose memory; null for the CPU's.</param>
    public static Timings Triad(long elements, double seconds, DeviceName? device = null)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        var on = new BenchDevice(device ?? DeviceName.Cpu, ProductType.Fp32);
        Tensor a = on.Full([elements], 0.5), b = on.Full([elements], 0.25);
        return Repeated.Time(seconds, () => a.add_(b, 1e-3), on.Synchronise);
    }

    /// <summary>Bytes of this process in memory now, and the most there were since <see cref="ResetPeak"/>; null where the system does not say.</summary>
    public static (long Now, long Peak)? Resident()
    {
        if (!File.Exists("/proc/self/status"))
            return null;
        string[] lines = File.ReadAllLines("/proc/self/status");
        return Kibibytes("VmRSS:") is { } now && Kibibytes("VmHWM:") is { } peak ? (now << 10, peak << 10) : null;

        long? Kibibytes(string name) =>
            lines.FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) is { } line
                && long.TryParse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : null;
    }

    /// <summary>Lets the peak count anew from what is resident now; false where the system does not allow that.</summary>
    public static bool ResetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5"); // proc(5)
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
