using ScalingLab.Core.Runs;

namespace ScalingLab.Training.Stacks;

/// <summary>A run of a stack that this process owns, and how its loop ended.</summary>
public sealed class ClaimedRun(RunFolder folder, RunManifest manifest, RunClaim claim)
{
    /// <summary>The run's folder.</summary>
    public RunFolder Folder => folder;

    /// <summary>Its config.</summary>
    public RunManifest Manifest { get; set; } = manifest;

    /// <summary>Its ownership; every write is fenced by it.</summary>
    public RunClaim Claim => claim;

    /// <summary>How its loop ended; null when it failed.</summary>
    public LoopEnd? End { get; internal set; }

    /// <summary>What it failed with; null when it did not.</summary>
    public Exception? Error { get; internal set; }
}
