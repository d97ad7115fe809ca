using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;

namespace ScalingLab.Core.Runs;

/// <summary>One run's folder: what lies where in it, and who may write.</summary>
/// <param name="path">The folder; it need not exist yet.</param>
public sealed partial class RunFolder(string path)
{
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

    private string In(string name) => System.IO.Path.Combine(Path, name);

    private static IEnumerable<long> Numbered(IEnumerable<string> paths, string prefix) =>
        from path in paths
        let digits = System.IO.Path.GetFileName(path)[prefix.Length..]
        where long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select long.Parse(digits, CultureInfo.InvariantCulture);

    private static T? Read<T>(string file, JsonTypeInfo<T> type) where T : class
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
