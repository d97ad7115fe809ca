using System.Text.Json;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;

namespace ScalingLab.Core.Runs;

/// <content>Who owns the run.</content>
public sealed partial class RunFolder
{
    /// <summary>Longest silence of an owner on another machine before its run may be taken over.</summary>
    public static readonly TimeSpan DefaultLease = TimeSpan.FromMinutes(10);

    /// <summary>A claim that cannot be read is being written, or its writer died between creating and filling it.</summary>
    private static readonly TimeSpan EmptyClaimGrace = TimeSpan.FromSeconds(30);

    /// <summary>Takes the run for this process, if it has no end and no living owner.</summary>
    /// <param name="me">This process.</param>
    /// <param name="clock">The time.</param>
    /// <param name="lease">Longest silence of an owner on another machine; null for <see cref="DefaultLease"/>.</param>
    /// <param name="startOf">Start of a process on this machine, for tests; null asks the kernel.</param>
    /// <returns>The claim; null when the run is finished or owned, or another process was faster.</returns>
    /// <exception cref="UserErrorException">The folder cannot be written.</exception>
    public RunClaim? TryClaim(OwnerIdentity me, TimeProvider clock, TimeSpan? lease = null, Func<int, long?>? startOf = null)
    {
        int latest = LatestAttempt();
        if (IsDone || (latest > 0 && !OwnerIsGone(latest, me, clock, lease, startOf)))
            return null;
        var record = new ClaimRecord { Host = me.Host, BootId = me.BootId, Pid = me.Pid, ProcessStart = me.ProcessStart, SlurmJob = me.SlurmJob, Heartbeat = clock.GetUtcNow() };
        if (!Create(ClaimPath(latest + 1), JsonSerializer.SerializeToUtf8Bytes(record, RunJson.Default.ClaimRecord)))
            return null;
        // The former owner may have finished between the first look and the claim.
        return IsDone ? null : new RunClaim(this, latest + 1, record, clock);
    }

    /// <summary>Number of the latest attempt; 0 when there was none.</summary>
    public int LatestAttempt() => !Directory.Exists(Path) ? 0 :
        (int)Numbered(Directory.EnumerateFiles(Path, "claim.*"), "claim.").DefaultIfEmpty(0).Max();

    /// <summary>Content of the latest claim; null when there is none or it is being written.</summary>
    public ClaimRecord? LatestClaim() => LatestAttempt() is > 0 and var latest ? ReadClaim(latest) : null;

    /// <summary>A process that still lives owns the run.</summary>
    public bool HasLivingOwner(OwnerIdentity me, TimeProvider clock, TimeSpan? lease = null) =>
        LatestAttempt() is > 0 and var latest && !OwnerIsGone(latest, me, clock, lease, null);

    private bool OwnerIsGone(int attempt, OwnerIdentity me, TimeProvider clock, TimeSpan? lease, Func<int, long?>? startOf) =>
        ReadClaim(attempt) is { } claim
            ? ClaimOwner.IsGone(claim, me, startOf ?? OwnerIdentity.StartOf, clock.GetUtcNow(), lease ?? DefaultLease)
            : clock.GetUtcNow() - File.GetLastWriteTimeUtc(ClaimPath(attempt)) > EmptyClaimGrace;

    private ClaimRecord? ReadClaim(int attempt)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(ClaimPath(attempt)), RunJson.Default.ClaimRecord);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }

    /// <summary>Makes a file that must not exist yet. O_CREAT | O_EXCL: of all that try, one succeeds, on network file systems too.</summary>
    /// <returns>False when another process made it first.</returns>
    private static bool Create(string file, byte[] content)
    {
        const int Exists = 17, ExistsOnWindows = unchecked((int)0x80070050);
        bool mine = false;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
            using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            mine = true;
            stream.Write(content);
            stream.Flush(flushToDisk: true);
            return true;
        }
        catch (IOException e) when (!mine && File.Exists(file) && e.HResult is Exists or ExistsOnWindows)
        {
            return false;
        }
        catch (Exception e) when (DiskErrors.Translate(e, file) is { } error)
        {
            if (mine)
                File.Delete(file);
            throw error;
        }
    }
}
