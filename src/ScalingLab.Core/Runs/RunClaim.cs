using System.Text.Json;
using ScalingLab.Core.Files;

namespace ScalingLab.Core.Runs;

/// <summary>This process's ownership of one run, for one attempt. Writes are fenced by it: a later attempt ends an earlier one's.</summary>
public sealed class RunClaim
{
    private readonly RunFolder folder;
    private readonly TimeProvider clock;
    private ClaimRecord record;

    internal RunClaim(RunFolder folder, int attempt, ClaimRecord record, TimeProvider clock) =>
        (this.folder, Attempt, this.record, this.clock) = (folder, attempt, record, clock);

    /// <summary>Number of the attempt, from 1.</summary>
    public int Attempt { get; }

    /// <summary>No later attempt has begun. One look at the folder: cheap enough to ask before each write.</summary>
    /// <remarks>Attempts are numbered without gaps, so the next number's absence is enough.</remarks>
    public bool IsStillMine => !File.Exists(folder.ClaimPath(Attempt + 1));

    /// <summary>Says that the owner lives; call it every minute or so.</summary>
    /// <returns>False when the run has been taken over: stop writing.</returns>
    public bool Beat() => Rewrite(record with { Heartbeat = clock.GetUtcNow() });

    /// <summary>Gives the run up, so that another process on any machine may take it at once.</summary>
    public void Release() => Rewrite(record with { Heartbeat = clock.GetUtcNow(), Released = true });

    /// <summary>Stops a writer that has been overtaken.</summary>
    /// <exception cref="ClaimLostException">A later attempt owns the run.</exception>
    public void Check()
    {
        if (!IsStillMine)
            throw new ClaimLostException(folder.Path, Attempt);
    }

    private bool Rewrite(ClaimRecord next)
    {
        if (!IsStillMine)
            return false;
        record = next;
        AtomicFile.Write(folder.ClaimPath(Attempt), JsonSerializer.SerializeToUtf8Bytes(next, RunJson.Default.ClaimRecord));
        return true;
    }
}

/// <summary>Another process took the run over while this one was silent: nothing may be written to it any more.</summary>
public sealed class ClaimLostException(string folder, int attempt)
    : Exception($"attempt {attempt} at '{folder}' has been taken over by a later one");
