using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;

namespace ScalingLab.Core.Runs;

/// <summary>One run's folder: what lies where in it, and who may write.</summary>
/// <param name="path">The folder; it need not exist yet.</param>
public sealed class RunFolder(string path)
{
    /// <summary>Longest silence of an owner on another machine before its run may be taken over.</summary>
    public static readonly TimeSpan DefaultLease = TimeSpan.FromMinutes(10);

    /// <summary>A claim that cannot be read is being written, or its writer died between creating and filling it.</summary>
    static readonly TimeSpan EmptyClaimGrace = TimeSpan.FromSeconds(30);

    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>The run id: the folder's name.</summary>
    public string Id => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary><c>config.json</c>.</summary>
    public string ManifestPath => In("config.json");

    /// <summary><c>log.jsonl</c>.</summary>
    public string LogPath => In("log.jsonl");

    /// <summary><c>eval.jsonl</c>.</summary>
    public string EvalPath => In("eval.jsonl");

    /// <summary><c>done.json</c>.</summary>
    public string DonePath => In("done.json");

    /// <summary>The run has ended, well or badly.</summary>
    public bool IsDone => File.Exists(DonePath);

    /// <summary><c>claim.&lt;attempt&gt;</c>.</summary>
    public string ClaimPath(int attempt) => In($"claim.{attempt.ToString(CultureInfo.InvariantCulture)}");

    /// <summary><c>checkpoint-&lt;step&gt;/</c>.</summary>
    public string CheckpointPath(long step) => In($"checkpoint-{step.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>Steps of the checkpoints that are there, latest first. Folders being written carry another name.</summary>
    public IReadOnlyList<long> Checkpoints() => !Directory.Exists(Path) ? [] :
        [.. Numbered(Directory.EnumerateDirectories(Path, "checkpoint-*"), "checkpoint-").OrderDescending()];

    /// <summary>Writes <c>config.json</c>, making the folder when there is none.</summary>
    /// <exception cref="UserErrorException">The disk is full or the folder cannot be written.</exception>
    public void WriteManifest(RunManifest manifest)
    {
        try
        {
            Directory.CreateDirectory(Path);
        }
        catch (Exception e) when (DiskErrors.Translate(e, Path) is { } error)
        {
            throw error;
        }
        AtomicFile.Write(ManifestPath, JsonSerializer.SerializeToUtf8Bytes(manifest, RunJson.Default.RunManifest));
    }

    /// <summary>Reads <c>config.json</c>; null when there is none.</summary>
    /// <exception cref="UserErrorException">It is damaged.</exception>
    public RunManifest? ReadManifest() => Read(ManifestPath, RunJson.Default.RunManifest);

    /// <summary>Reads <c>done.json</c>; null when the run has not ended.</summary>
    /// <exception cref="UserErrorException">It is damaged.</exception>
    public DoneRecord? ReadDone() => Read(DonePath, RunJson.Default.DoneRecord);

    /// <summary>The logged steps, without a torn end.</summary>
    /// <exception cref="UserErrorException">A line before the last is damaged.</exception>
    public JsonLines<LogEntry> ReadLog() => JsonLines<LogEntry>.Read(LogPath, RunJson.Default.LogEntry);

    /// <summary>The evaluations, without a torn end.</summary>
    /// <exception cref="UserErrorException">A line before the last is damaged.</exception>
    public JsonLines<EvalEntry> ReadEvaluations() => JsonLines<EvalEntry>.Read(EvalPath, RunJson.Default.EvalEntry);

    /// <summary>Opens the log to append to.</summary>
    public JsonLinesWriter<LogEntry> OpenLog(RunClaim? claim = null) => new(LogPath, RunJson.Default.LogEntry, claim);

    /// <summary>Opens the evaluations to append to.</summary>
    public JsonLinesWriter<EvalEntry> OpenEvaluations(RunClaim? claim = null) => new(EvalPath, RunJson.Default.EvalEntry, claim);

    /// <summary>Drops what was logged after a step, so that a resume from there writes the log of an uninterrupted run. Not while a writer is open.</summary>
    public void TruncateTo(long step)
    {
        JsonLinesWriter<LogEntry>.Truncate(LogPath, RunJson.Default.LogEntry, e => e.Step > step);
        JsonLinesWriter<EvalEntry>.Truncate(EvalPath, RunJson.Default.EvalEntry, e => e.Step > step);
    }

    /// <summary>Publishes the end of the run: the last thing an owner does.</summary>
    /// <exception cref="ClaimLostException">Another attempt owns the run.</exception>
    /// <exception cref="UserErrorException">The disk is full.</exception>
    public void Finish(DoneRecord done, RunClaim? claim = null)
    {
        claim?.Check();
        AtomicFile.Write(DonePath, JsonSerializer.SerializeToUtf8Bytes(done, RunJson.Default.DoneRecord));
    }

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

    bool OwnerIsGone(int attempt, OwnerIdentity me, TimeProvider clock, TimeSpan? lease, Func<int, long?>? startOf) =>
        ReadClaim(attempt) is { } claim
            ? ClaimOwner.IsGone(claim, me, startOf ?? OwnerIdentity.StartOf, clock.GetUtcNow(), lease ?? DefaultLease)
            : clock.GetUtcNow() - File.GetLastWriteTimeUtc(ClaimPath(attempt)) > EmptyClaimGrace;

    ClaimRecord? ReadClaim(int attempt)
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
    static bool Create(string file, byte[] content)
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
        catch (IOException e) when (!mine && e.HResult is Exists or ExistsOnWindows)
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

    string In(string name) => System.IO.Path.Combine(Path, name);

    static IEnumerable<long> Numbered(IEnumerable<string> paths, string prefix) =>
        from path in paths
        let digits = System.IO.Path.GetFileName(path)[prefix.Length..]
        where long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select long.Parse(digits, CultureInfo.InvariantCulture);

    static T? Read<T>(string file, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), type) : null;
        }
        catch (JsonException e)
        {
            string problem = e.Message.Split(" Path:")[0].TrimEnd('.');
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0602", $"damaged file: {problem}", new SourceLocation(file, 0, 0), "restore it, or remove the run's folder to train it again"), e);
        }
    }
}
