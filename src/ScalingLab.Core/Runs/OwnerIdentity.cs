using System.Globalization;

namespace ScalingLab.Core.Runs;

/// <summary>A process that may own runs, told apart from every other on every machine.</summary>
/// <param name="Host">Machine.</param>
/// <param name="BootId">Boot of the machine; null where the kernel has none.</param>
/// <param name="Pid">Process id.</param>
/// <param name="ProcessStart">Start of the process, in ticks after boot; null where it cannot be read.</param>
/// <param name="SlurmJob">Slurm job; null without one.</param>
public sealed record OwnerIdentity(string Host, string? BootId, int Pid, long? ProcessStart, string? SlurmJob)
{
    /// <summary>This process.</summary>
    /// <param name="slurmJob">Value of <c>SLURM_JOB_ID</c>, read by the caller.</param>
    public static OwnerIdentity Current(string? slurmJob = null) =>
        new(Environment.MachineName, ReadBootId(), Environment.ProcessId, StartOf(Environment.ProcessId), slurmJob);

    /// <summary>Whether a process lives on this machine, by the start that the kernel reports for its id.</summary>
    /// <returns>Ticks after boot; null when there is no such process or no <c>/proc</c>.</returns>
    public static long? StartOf(int pid)
    {
        try
        {
            return StartField(File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Field 22 of <c>/proc/&lt;pid&gt;/stat</c> (proc(5)); null for a zombie, which no longer runs.</summary>
    /// <remarks>Field 2 is the program's name in brackets and may itself hold blanks and brackets: count from the last bracket.</remarks>
    internal static long? StartField(string stat)
    {
        string[] fromState = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fromState.Length > 19 && fromState[0] is not ("Z" or "X") && long.TryParse(fromState[19], NumberStyles.None, CultureInfo.InvariantCulture, out long start)
            ? start
            : null;
    }

    private static string? ReadBootId()
    {
        const string Path = "/proc/sys/kernel/random/boot_id";
        return File.Exists(Path) ? File.ReadAllText(Path).Trim() : null;
    }
}
