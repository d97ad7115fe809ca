using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Runs;

/// <summary>How far a run has come.</summary>
public enum RunState
{
    /// <summary>It has a config and nothing else.</summary>
    Planned,

    /// <summary>A living process owns it.</summary>
    Running,

    /// <summary>It was begun, has no end, and nobody works on it: <c>resume</c> goes on.</summary>
    Interrupted,

    /// <summary>Trained on all its tokens.</summary>
    Finished,

    /// <summary>Ended by a loss or gradient that was not finite.</summary>
    Diverged,

    /// <summary>Its files cannot be read.</summary>
    Damaged,
}

/// <summary>A run folder that was found, and its state.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Done">Its end, when there is one.</param>
public sealed record FoundRun(RunFolder Folder, RunState State, DoneRecord? Done)
{
    /// <summary>What is wrong with a damaged one.</summary>
    public UserErrorException? Problem { get; init; }
}

/// <summary>Finds run folders.</summary>
public static class RunsDirectory
{
    private const int Levels = 2; // runs/<sweep>/<run>

    /// <summary>Runs at or below a folder, in ordinal order of their paths: a single run, a sweep's folder, or the folder of sweeps.</summary>
    /// <param name="root">Folder.</param>
    /// <param name="me">The machine that asks, to tell running from interrupted; null for this process.</param>
    /// <param name="clock">The time; null for the system's.</param>
    /// <param name="tolerant">Give a run whose <c>done.json</c> is damaged as such instead of failing.</param>
    /// <exception cref="UserErrorException">There is no such folder, or a <c>done.json</c> is damaged.</exception>
    public static IReadOnlyList<FoundRun> Enumerate(string root, OwnerIdentity? me = null, TimeProvider? clock = null, bool tolerant = false)
    {
        if (!Directory.Exists(root))
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0102", $"there is no folder '{root}'", null, "give a folder of runs, such as runs/ or runs/<sweep>"));
        OwnerIdentity asking = me ?? OwnerIdentity.Current();
        return [.. Folders(root, Levels).OrderBy(f => f.Path, StringComparer.Ordinal).Select(f => Look(f, asking, clock ?? TimeProvider.System, tolerant))];
    }

    private static IEnumerable<RunFolder> Folders(string path, int levels)
    {
        var folder = new RunFolder(path);
        if (File.Exists(folder.ManifestPath) || folder.IsDone)
            return [folder];
        return levels == 0 ? [] : Directory.EnumerateDirectories(path).SelectMany(inner => Folders(inner, levels - 1));
    }

    private static FoundRun Look(RunFolder folder, OwnerIdentity me, TimeProvider clock, bool tolerant)
    {
        try
        {
            return Look(folder, me, clock);
        }
        catch (UserErrorException problem) when (tolerant && problem.ExitCode == ExitCode.CorruptData)
        {
            return new(folder, RunState.Damaged, null) { Problem = problem };
        }
    }

    private static FoundRun Look(RunFolder folder, OwnerIdentity me, TimeProvider clock)
    {
        if (folder.ReadDone() is { } done)
            return new(folder, done.Reason == EndReason.Diverged ? RunState.Diverged : RunState.Finished, done);
        if (folder.HasLivingOwner(me, clock))
            return new(folder, RunState.Running, null);
        bool begun = folder.LatestAttempt() > 0 || File.Exists(folder.LogPath) || folder.Checkpoints().Count > 0;
        return new(folder, begun ? RunState.Interrupted : RunState.Planned, null);
    }
}
