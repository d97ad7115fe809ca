using System.Globalization;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;

namespace ScalingLab.Core.Tables;

/// <summary>Turns run folders into observations.</summary>
/// <remarks>
/// Under a constant schedule every evaluation at a planned token count is an observation: the loss there is that of a run
/// which ended there. Under any other schedule only the end is, since before it the learning rate has not come down yet.
/// </remarks>
internal static class RunObservations
{
    /// <summary>The finished runs at or below a folder; the others are listed with the reason.</summary>
    /// <exception cref="UserErrorException">No such folder, nothing in it, or damaged files.</exception>
    public static ObservationTable Read(string path)
    {
        IReadOnlyList<FoundRun> found = RunsDirectory.Enumerate(path);
        if (found.Count == 0)
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0104", $"there are no runs in '{path}'", null, "a run is a folder with a config.json; 'scalinglab sweep CONFIG' makes them"));
        var rows = new List<Observation>();
        var excluded = new List<ExcludedRun>();
        bool counted = false;
        foreach (FoundRun run in found)
        {
            if (ReasonToLeaveOut(run) is { } reason)
            {
                excluded.Add(new ExcludedRun(run.Folder.Id, reason));
                continue;
            }
            RunManifest manifest = run.Folder.ReadManifest()!;
            counted |= run.Done!.Flops.Measured is null;
            rows.AddRange(Entries(run, manifest, excluded).Select(e => Row(e, run.Done, manifest)));
        }
        if (rows.Count == 0)
            throw new UserErrorException(ExitCode.Usage, [.. excluded.Take(20).Select(e => new Diagnostic("SL0105", $"run {e.Run} gives no observation: {e.Reason}", null, null))]);
        return new ObservationTable
        {
            Source = path,
            Rows = rows,
            Excluded = excluded,
            Notes = counted ? ["flops are the exact count of matrix products where they were not measured"] : [],
        };
    }

    private static string? ReasonToLeaveOut(FoundRun run) => run.State switch
    {
        RunState.Planned => "not started",
        RunState.Running => "still running",
        RunState.Interrupted => "interrupted; resume it",
        RunState.Diverged => "diverged",
        _ when !File.Exists(run.Folder.ManifestPath) => "it has no config.json",
        _ => null,
    };

    private static IEnumerable<EvalEntry> Entries(FoundRun run, RunManifest manifest, List<ExcludedRun> excluded)
    {
        IEnumerable<EvalEntry> entries = run.Done!.FinalEvaluation is { } final ? [final] : [];
        if (manifest.Config.Training.Schedule.Kind == ScheduleKind.Constant)
        {
            HashSet<long> planned = [.. manifest.Config.Evaluation.AtTokens];
            entries = run.Folder.ReadEvaluations().Entries.Where(e => planned.Contains(e.Tokens)).Concat(entries).DistinctBy(e => e.Tokens).OrderBy(e => e.Tokens);
        }
        foreach (EvalEntry entry in entries)
            if (entry.LossNats is not null)
                yield return entry;
            else
                excluded.Add(new ExcludedRun(run.Folder.Id, string.Create(CultureInfo.InvariantCulture, $"its loss at {entry.Tokens} tokens was not finite")));
    }

    private static Observation Row(EvalEntry entry, DoneRecord done, RunManifest manifest) => new()
    {
        Run = manifest.RunId,
        ParametersTotal = done.Parameters.Total,
        ParametersNonEmbedding = done.Parameters.NonEmbedding,
        ParametersWithHead = done.Parameters.WithHead,
        Tokens = entry.Tokens,
        UniqueTokens = Math.Min(entry.Tokens, done.UniqueTokens),
        Flops = entry.FlopsMeasured ?? (done.Flops.Measured ?? done.Flops.MatrixProducts) * ((double)entry.Tokens / done.Tokens),
        Loss = entry.LossNats!.Value,
        Group = manifest.Config.Model.SizeName,
        Steps = entry.Step > 0 ? entry.Step : null,
        BatchTokens = entry.Step > 0 ? (double)entry.Tokens / entry.Step : null,
    };
}
