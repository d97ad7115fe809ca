using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Cli.Devices;

/// <summary>Why products in bfloat16 are not offered on a CPU.</summary>
internal static class CpuBfloat16
{
    /// <summary>The refusal of <c>--dtype bf16</c>, for the processor at hand.</summary>
    public static Diagnostic Refusal() => Refusal(File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) ?? "" : "");

    /// <summary>The refusal for a processor with these flags, as /proc/cpuinfo lists them.</summary>
    public static Diagnostic Refusal(string flags)
    {
        string[] words = flags.Split([' ', '\t', ':'], StringSplitOptions.RemoveEmptyEntries);
        string reason = words switch
        {
            _ when words.Contains("amx_bf16") => "products on AMX have not been written",
            // docs/log.md has the measurement: 96 against 190 GFLOP/s on one core.
            _ when words.Contains("avx512_bf16") => "this CPU has AVX512-BF16 but no AMX, and its bfloat16 products ran at half the rate of its fp32 products when measured",
            _ => "this CPU has neither AVX512-BF16 nor AMX",
        };
        return new Diagnostic("SL0513", $"dtype 'bf16' on the CPU: {reason}", null, "--dtype fp32, or --device cuda where there is a GPU");
    }
}
