using System.Globalization;
using System.Text.RegularExpressions;

namespace ScalingLab.Torch.Tests;

public sealed partial class NativeEnvironmentTests
{
    private const string HugePages = "/sys/kernel/mm/transparent_hugepage/enabled";

    [HugePagesFact]
    public void The_heap_of_an_engine_asks_for_huge_pages_and_keeps_only_what_is_used()
    {
        Engine.EnsureLoaded();

        // proc_pid_smaps(5): "START-END perms ... [heap]", then "Rss: N kB" and "VmFlags: ... hg" where MADV_HUGEPAGE was given.
        IEnumerable<Match> heaps = Mapping().Matches(File.ReadAllText("/proc/self/smaps"));
        Match heap = Assert.Single(heaps, m => m.Groups["flags"].Value.Split(' ').Contains("hg"));
        long size = Number("size"), resident = Number("resident");
        Assert.InRange(size, 1000L << 10, 1L << 20); // 1 GiB but for its ends, in kB
        Assert.InRange(resident, 0, size / 2);

        long Number(string group) => long.Parse(heap.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\[heap\]\nSize: +(?<size>\d+) kB\n(?:.*\n)*?Rss: +(?<resident>\d+) kB\n(?:.*\n)*?VmFlags: (?<flags>.*)")]
    private static partial Regex Mapping();

    private sealed class HugePagesFactAttribute : FactAttribute
    {
        public HugePagesFactAttribute()
        {
            if (!File.Exists(HugePages) || File.ReadAllText(HugePages).Contains("[never]", StringComparison.Ordinal))
                Skip = "this system grants no huge pages";
        }
    }
}
