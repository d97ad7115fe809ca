namespace ScalingLab.Core.Runs;

/// <summary>Whether the owner of a claim may still be writing.</summary>
internal static class ClaimOwner
{
    /// <summary>True only when the owner can write no more, or has been silent on another machine for a whole lease.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="here">The machine that asks.</param>
    /// <param name="startOf">Start of a process on this machine; null when there is none.</param>
    /// <param name="now">The time.</param>
    /// <param name="lease">Longest silence of a living owner.</param>
    /// <remarks>
    /// On this boot of this machine the process table is proof, and a silent owner (stopped, or swapped out) is alive.
    /// After another boot the owner is gone. Another machine cannot be asked: only its heartbeat speaks. Clocks differ,
    /// so a heartbeat far in the future is as worthless as one long past; the fence of <see cref="RunClaim.IsStillMine"/>
    /// guards against an owner that wakes after all.
    /// </remarks>
    public static bool IsGone(ClaimRecord claim, OwnerIdentity here, Func<int, long?> startOf, DateTimeOffset now, TimeSpan lease)
    {
        if (claim.Released)
            return true;
        if (claim.Host != here.Host || claim.BootId is null || here.BootId is null || here.ProcessStart is null)
            return (now - claim.Heartbeat).Duration() > lease;
        if (claim.BootId != here.BootId)
            return true;
        return startOf(claim.Pid) is not { } start || (claim.ProcessStart is { } claimed && start != claimed);
    }
}
