using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Tables;

namespace ScalingLab.Core.TensorBoard;

/// <summary>Writes runs as a log folder of TensorBoard: an event file a run, and the hyper-parameters of all.</summary>
/// <remarks>File names depend on nothing but the run, so that exporting again replaces what was exported before.</remarks>
public static class TensorBoardExport
{
    private const string FileName = "events.out.tfevents.0.scalinglab"; // TensorBoard looks for "tfevents" in the name
    private const string Loss = "eval/loss_nats", Bits = "eval/bits_per_byte";

    /// <summary>Writes every run at or below a folder that has begun.</summary>
    /// <param name="source">Folder of runs.</param>
    /// <param name="output">Log folder, made when missing.</param>
    /// <returns>The runs that were written, and those left out with the reason; a damaged run is left out, not an end.</returns>
    /// <exception cref="UserErrorException">No such folder, no run to write, or the output cannot be written.</exception>
    public static (IReadOnlyList<string> Written, IReadOnlyList<ExcludedRun> LeftOut) Write(string source, string output)
    {
        var leftOut = new List<ExcludedRun>();
        var written = new List<string>();
        var parameters = new List<IReadOnlyList<KeyValuePair<string, object>>>();
        foreach (FoundRun run in RunsDirectory.Enumerate(source, tolerant: true))
        {
            try
            {
                if (run.Problem is { } problem)
                    throw problem;
                if (run.State == RunState.Planned)
                {
                    leftOut.Add(new ExcludedRun(run.Folder.Id, "not started"));
                    continue;
                }

                RunManifest manifest = run.Folder.ReadManifest() ?? throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0602", "it has no config.json"));
                IReadOnlyList<KeyValuePair<string, object>> values = RunHyperParameters.Of(manifest);
                byte[] events = EventsOf(run, manifest, values);
                Save(Path.Combine(output, NameOf(source, run)), events);
                parameters.Add(values);
                written.Add(NameOf(source, run));
            }
            catch (UserErrorException error) when (error.ExitCode == ExitCode.CorruptData)
            {
                leftOut.Add(new ExcludedRun(run.Folder.Id, $"damaged: {error.Message}"));
            }
        }

        if (written.Count == 0)
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0104", $"there is no run in '{source}' that has begun", null, "'scalinglab status' lists what there is"));
        var experiment = new EventFile(0);
        experiment.Plugin(0, HParams.ExperimentTag, HParams.Plugin, HParams.ExperimentOf(parameters, [Loss, Bits]));
        Save(output, experiment.ToArray());
        return (written, leftOut);
    }

    /// <summary>A run's name in TensorBoard: its path below the source; a single run's own.</summary>
    private static string NameOf(string source, FoundRun run)
    {
        string below = Path.GetRelativePath(source, run.Folder.Path);
        return below == "." ? run.Folder.Id : below;
    }

    private static byte[] EventsOf(FoundRun run, RunManifest manifest, IReadOnlyList<KeyValuePair<string, object>> values)
    {
        double start = (manifest.Attempts.FirstOrDefault()?.Started.ToUnixTimeMilliseconds() ?? 0) / 1000.0;
        IReadOnlyList<LogEntry> log = run.Folder.ReadLog().Entries;
        var file = new EventFile(start);
        file.Plugin(start, HParams.StartTag, HParams.Plugin, HParams.StartOf(values, run.Folder.Id, start));
        foreach (LogEntry entry in log)
        {
            foreach ((string tag, double? value) in Scalars(entry))
                if (value is { } number)
                    file.Scalar(start + entry.Seconds, entry.Step, tag, number);
        }

        int at = -1;
        foreach (EvalEntry entry in run.Folder.ReadEvaluations().Entries)
        {
            while (at + 1 < log.Count && log[at + 1].Step <= entry.Step)
                at++;
            double time = start + (at < 0 ? 0 : log[at].Seconds);
            file.Scalar(time, entry.Step, Loss, entry.LossNats ?? double.NaN);
            if (entry.BitsPerByte is { } bits)
                file.Scalar(time, entry.Step, Bits, bits);
        }

        double end = start + (log.Count == 0 ? 0 : log[^1].Seconds);
        file.Plugin(end, HParams.EndTag, HParams.Plugin, HParams.EndOf(run.State, end));
        return file.ToArray();
    }

    // Null stands for a number that was not finite in the first two, and for one that nobody measured from flops_measured on.
    private static IEnumerable<(string Tag, double? Value)> Scalars(LogEntry entry) =>
    [
        ("train/loss_nats", entry.LossNats ?? double.NaN),
        ("train/grad_norm", entry.GradNorm ?? double.NaN),
        ("train/lr", entry.Lr),
        ("progress/tokens", entry.Tokens),
        ("progress/tokens_per_second", entry.TokensPerSecond),
        ("progress/flops_measured", entry.FlopsMeasured),
        ("progress/joules", entry.Joules),
        ("device/power_watts", entry.PowerWatts),
        ("device/temperature_celsius", entry.TemperatureCelsius),
        ("device/sm_clock_mhz", entry.SmClockMhz),
        ("device/memory_clock_mhz", entry.MemoryClockMhz),
        ("device/utilisation_percent", entry.UtilisationPercent),
    ];

    private static void Save(string folder, byte[] content)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (DiskErrors.Translate(error, path) is { } translated)
        {
            throw translated;
        }

        AtomicFile.Write(path, content, durable: false);
    }
}
