using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Tables;
using ScalingLab.Laws.Fitting;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Report;

/// <summary>What a report is made of, read once: observations, the rows of the table, and the runs when there are folders.</summary>
internal sealed record ReportSource
{
    private const string NoObservation = "SL0105"; // a folder of runs none of which gives an observation: still worth a report

    /// <summary>Every observation.</summary>
    public required IReadOnlyList<Observation> All { get; init; }

    /// <summary>Those that the fit is given.</summary>
    public required IReadOnlyList<Observation> Used { get; init; }

    /// <summary>Convention of N.</summary>
    public required ParameterCount Count { get; init; }

    /// <summary>Run folders with their configs; empty for a CSV.</summary>
    public IReadOnlyList<(FoundRun Run, RunManifest? Manifest)> Runs { get; init; } = [];

    /// <summary>Rows of the table of runs.</summary>
    public required IReadOnlyList<RunRow> Rows { get; init; }

    /// <summary>What reading brought up.</summary>
    public IReadOnlyList<ReportWarning> Warnings { get; init; } = [];

    /// <summary>Reads a folder of runs or a CSV.</summary>
    public static ReportSource Read(string source, ReportOptions options) => Directory.Exists(source) ? ReadRuns(source, options) : ReadTable(source, options);

    /// <summary>The observations under the convention of the fit.</summary>
    public IReadOnlyList<ScalingPoint> Points()
    {
        HashSet<Observation> used = [.. Used];
        return [.. All.Select(o => new ScalingPoint(o.Run, FitPoints.ParametersOf(o, Count), o.Tokens, o.Flops ?? 6 * FitPoints.ParametersOf(o, Count) * o.Tokens, o.Loss, used.Contains(o)))];
    }

    /// <summary>Loss curves: of each run folder, or of the rows of a CSV that share a run.</summary>
    public IReadOnlyList<LossCurves> Curves()
    {
        if (Runs.Count > 0)
            return RunCurves.Of(Runs, Count);
        LossCurve[] curves = [.. Points().GroupBy(p => p.Run).Where(g => g.Count() > 1).Select(g => new LossCurve(g.Key, g.First().Parameters, [.. g.OrderBy(p => p.Flops).Select(p => (p.Flops ?? double.NaN, p.Loss))]))];
        return curves.Length == 0 ? [] : [new LossCurves(curves, lossName: "Loss")];
    }

    private static ReportSource ReadTable(string source, ReportOptions options)
    {
        ObservationTable used = ObservationTable.Load(source, options.Columns, options.Where);
        ObservationTable all = options.Where is null ? used : ObservationTable.Load(source, options.Columns);
        ParameterCount count = options.Count ?? FirstComplete(used.Rows);
        HashSet<Observation> kept = [.. used.Rows];
        return new ReportSource
        {
            All = all.Rows,
            Used = used.Rows,
            Count = count,
            Rows = [.. all.Rows.Select(o => RunRows.Of(o, count, kept.Contains(o)))],
            Warnings = [.. used.Notes.Select(Note)],
        };
    }

    private static ReportSource ReadRuns(string source, ReportOptions options)
    {
        IReadOnlyList<FoundRun> found = RunsDirectory.Enumerate(source);
        ObservationTable? table = null;
        var warnings = new List<ReportWarning>();
        try
        {
            table = ObservationTable.Load(source, options.Columns, options.Where);
            warnings.AddRange(table.Notes.Select(Note));
            if (table.Excluded.Count > 0)
                warnings.Add(new(ReportSection.Runs, Excluded(table.Excluded)));
        }
        catch (UserErrorException error) when (found.Count > 0 && error.Diagnostics.All(d => d.Code == NoObservation))
        {
            warnings.AddRange(error.Diagnostics.Select(d => Note(d.Message)));
        }

        IReadOnlyList<Observation> rows = table?.Rows ?? [];
        ParameterCount count = options.Count ?? FirstComplete(rows);
        HashSet<string> used = [.. rows.Select(r => r.Run)];
        (FoundRun Run, RunManifest? Manifest)[] runs = [.. found.Select(r => (r, r.Folder.ReadManifest()))];
        return new ReportSource
        {
            All = rows,
            Used = rows,
            Count = count,
            Runs = runs,
            Rows = [.. runs.Select(r => RunRows.Of(r.Run, r.Manifest, count, used.Contains(r.Manifest?.RunId ?? r.Run.Folder.Id)))],
            Warnings = warnings,
        };
    }

    private static ReportWarning Note(string text) => new(ReportSection.Runs, FitTelling.Sentence(text));

    private static string Excluded(IReadOnlyList<ExcludedRun> excluded)
    {
        const int Named = 8;
        string names = string.Join("; ", excluded.Take(Named).Select(e => $"{e.Run}: {e.Reason}"));
        return $"{Quantity.Of(excluded.Count, "run")} gave no observation ({names}{(excluded.Count > Named ? "; …" : "")}).";
    }

    private static ParameterCount FirstComplete(IReadOnlyList<Observation> rows) =>
        new[] { ParameterCount.Total, ParameterCount.WithHead, ParameterCount.NonEmbedding }.FirstOrDefault(c => rows.All(r => FitPoints.ParametersOf(r, c) is not null), ParameterCount.Total);
}
