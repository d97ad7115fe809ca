using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Units;

namespace ScalingLab.Planning.Reference;

/// <summary>What an accelerator can do, as its maker states it; peaks are dense, without 2:4 sparsity.</summary>
/// <param name="Key">Short name, as on the command line.</param>
/// <param name="Name">Full name.</param>
/// <param name="Released">Year and month.</param>
/// <param name="MemoryBytes">Memory; 1 GB is 10^9 bytes.</param>
/// <param name="BytesPerSecond">Bandwidth of that memory.</param>
/// <param name="Watts">Thermal design power of the chip or board.</param>
/// <param name="Peak16">Dense peak in BF16, or FP16 where there is no BF16.</param>
/// <param name="Peak8">Dense peak in FP8; null where unsupported or not confirmed.</param>
/// <param name="Peak32">Dense float32 peak outside tensor cores; null where no source is at hand.</param>
/// <param name="PeakTf32">Dense TF32 peak; null where unsupported or without a source at hand.</param>
/// <param name="DeviceNames">What NVIDIA's driver calls it, exactly; empty where that is not known.</param>
/// <param name="ServerFactor">Power of a server over that of its accelerators (Epoch AI).</param>
/// <param name="PowerShare">Share of the server's design power that training draws (Epoch AI).</param>
/// <param name="Source">Where the numbers were read.</param>
/// <param name="Note">What to know about them; empty for nothing.</param>
public sealed record Accelerator(string Key, string Name, string Released, double MemoryBytes, double BytesPerSecond, double Watts, FlopsPerSecond Peak16, FlopsPerSecond? Peak8, FlopsPerSecond? Peak32, FlopsPerSecond? PeakTf32, IReadOnlyList<string> DeviceNames,
    double ServerFactor, double PowerShare, string Source, string Note)
{
    private static readonly Lazy<(IReadOnlyList<Accelerator> Rows, Dictionary<string, Accelerator> ByAlias)> Table = new(Load);

    /// <summary>Every accelerator of the table.</summary>
    public static IReadOnlyList<Accelerator> All => Table.Value.Rows;

    /// <summary>FLOPs that one byte of memory traffic must feed for the peak: below it a kernel is bound by memory.</summary>
    /// <remarks>Williams et al. 2009, "Roofline", CACM 52(4): the ridge point.</remarks>
    public double FlopsPerByte => Peak16.Value / BytesPerSecond;

    /// <summary>The accelerator of a name: case, spaces, dashes and the maker's name do not matter.</summary>
    /// <exception cref="UserErrorException">There is none; the nearest is suggested.</exception>
    public static Accelerator Named(string name, string flag = "--accelerator")
    {
        if (Table.Value.ByAlias.TryGetValue(Plain(name), out var found))
            return found;
        string? near = Suggestions.Nearest(Plain(name), Table.Value.ByAlias.Keys);
        throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0135", $"{flag}: unknown accelerator '{name}'",
            Help: near is not null ? $"did you mean '{Table.Value.ByAlias[near].Key}'?" : $"there are {string.Join(", ", All.Select(a => a.Key))}"));
    }

    /// <summary>The accelerator that NVIDIA's driver calls by a name, exactly: parts of a name would take a laptop's RTX 4090 for the desktop's. Null for a name that is not in the table.</summary>
    public static Accelerator? OfDevice(string driverName) => All.FirstOrDefault(a => a.DeviceNames.Contains(driverName, StringComparer.Ordinal));

    /// <summary>The dense peak for products of an element type; null where no source is at hand.</summary>
    /// <param name="sixteenBits">bfloat16 or float16 operands, else float32.</param>
    /// <param name="tf32">Whether float32 operands may be rounded to TF32.</param>
    public FlopsPerSecond? DensePeak(bool sixteenBits, bool tf32) => sixteenBits ? Peak16 : tf32 ? PeakTf32 : Peak32;

    private static FlopsPerSecond? Rate(double? teraflops) => teraflops is { } t ? new FlopsPerSecond(t * 1e12) : null;

    private static (IReadOnlyList<Accelerator>, Dictionary<string, Accelerator>) Load()
    {
        var rows = new List<Accelerator>();
        var names = new Dictionary<string, Accelerator>(StringComparer.Ordinal);
        foreach (var r in ReferenceTable.Read("accelerators.csv"))
        {
            var accelerator = new Accelerator(r.Text("key"), $"{r.Text("vendor")} {r.Text("name")}", r.Text("released"), r.Number("memory_gb") * 1e9, r.Number("bandwidth_gb_s") * 1e9, r.Number("tdp_w"),
                new(r.Number("dense_16bit_tflop_s") * 1e12), r.Optional("dense_8bit_tflop_s") is { } peak8 ? new FlopsPerSecond(peak8 * 1e12) : null,
                Rate(r.Optional("dense_fp32_tflop_s")), Rate(r.Optional("dense_tf32_tflop_s")), r.Text("device_names").Split('|', StringSplitOptions.RemoveEmptyEntries),
                r.Number("server_power_factor"), r.Number("tdp_share"), r.Text("source"), r.Text("note"));
            rows.Add(accelerator);
            foreach (string alias in r.Text("aliases").Split('|').Append(Plain(accelerator.Key)).Append(Plain(r.Text("name"))))
                names[alias] = accelerator;
        }
        return (rows, names);
    }

    private static string Plain(string name)
    {
        string plain = string.Concat(name.ToLowerInvariant().Where(char.IsLetterOrDigit));
        foreach (string maker in new[] { "nvidia", "amd", "google", "geforce", "instinct", "tesla" })
            plain = plain.Replace(maker, "", StringComparison.Ordinal);
        return plain;
    }
}
