namespace ScalingLab.Core;

/// <summary>What the process returns to its caller.</summary>
public enum ExitCode
{
    /// <summary>All that was asked for was done.</summary>
    Success = 0,

    /// <summary>A defect of the program itself.</summary>
    Internal = 1,

    /// <summary>The command line was wrong.</summary>
    Usage = 2,

    /// <summary>A config file was wrong.</summary>
    Config = 3,

    /// <summary>Some runs of a sweep failed; the others finished.</summary>
    RunsFailed = 4,

    /// <summary>No usable device or no usable libtorch.</summary>
    Device = 5,

    /// <summary>Data are corrupt or not what they claim to be.</summary>
    CorruptData = 6,

    /// <summary>The disk is full or a folder cannot be written.</summary>
    Disk = 7,

    /// <summary>Stopped on request after a checkpoint: the same command resumes.</summary>
    Checkpointed = 75,

    /// <summary>Stopped at once by a second Ctrl-C.</summary>
    Interrupted = 130,

    /// <summary>Stopped at once by a second SIGTERM.</summary>
    Terminated = 143,
}
