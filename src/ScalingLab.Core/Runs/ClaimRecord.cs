namespace ScalingLab.Core.Runs;

/// <summary>Content of a file <c>claim.&lt;attempt&gt;</c>: which process owns a run.</summary>
public sealed record ClaimRecord
{
    /// <summary>Format of this file.</summary>
    public string Schema { get; init; } = "scalinglab.claim/1";

    /// <summary>Machine of the owner.</summary>
    public required string Host { get; init; }

    /// <summary>Boot of that machine (<c>/proc/sys/kernel/random/boot_id</c>): process ids mean nothing across boots. Null where the kernel has none.</summary>
    public required string? BootId { get; init; }

    /// <summary>Process id of the owner.</summary>
    public required int Pid { get; init; }

    /// <summary>Start of that process in clock ticks after boot: process ids are used again. Null where it cannot be read.</summary>
    public required long? ProcessStart { get; init; }

    /// <summary>Slurm job, when there is one.</summary>
    public string? SlurmJob { get; init; }

    /// <summary>When the owner last said that it lives, UTC.</summary>
    public required DateTimeOffset Heartbeat { get; init; }

    /// <summary>The owner gave the run up: anyone may take it at once.</summary>
    public bool Released { get; init; }
}
