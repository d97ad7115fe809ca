using ScalingLab.Core.Models;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Plotting.Report;

/// <summary>Rows of the table of runs, from run folders or from observations made elsewhere.</summary>
internal static class RunRows
{
    public static RunRow Of(Observation row, ParameterCount count, bool inFit) => new()
    {
        Id = row.Run,
        State = RowState.Observed,
        Parameters = FitPoints.ParametersOf(row, count),
        Tokens = row.Tokens,
        Flops = row.Flops,
        Loss = row.Loss,
        InFit = inFit,
    };

    public static RunRow Of(FoundRun run, RunManifest? manifest, ParameterCount count, bool inFit)
    {
        ModelShape? shape = manifest?.Config.Model;
        ParameterCounts? parameters = run.Done?.Parameters ?? (manifest is null ? null : ParameterCounts.Of(manifest.Config.Model, manifest.Vocabulary));
        LogEntry? last = run.Folder.ReadLog().Entries.LastOrDefault();
        EvalEntry? evaluation = run.Done is not null ? run.Done.FinalEvaluation : run.Folder.ReadEvaluations().Entries.LastOrDefault();
        double? tokens = run.Done?.Tokens ?? last?.Tokens;
        return new RunRow
        {
            Id = run.Folder.Id,
            State = StateOf(run.State),
            Layers = shape?.Layers,
            Width = shape?.Width,
            Parameters = Counted(parameters, count),
            Tokens = tokens,
            Flops = run.Done is { } done ? done.Flops.Measured ?? done.Flops.MatrixProducts : last?.FlopsMeasured,
            Loss = evaluation?.LossNats,
            BitsPerByte = evaluation?.BitsPerByte,
            TokensPerSecond = last is { Seconds: > 0 } ? last.Tokens / last.Seconds : null,
            WallSeconds = run.Done?.WallSeconds,
            InFit = inFit,
        };
    }

    /// <summary>N under a convention.</summary>
    public static double? Counted(ParameterCounts? parameters, ParameterCount count) => count switch
    {
        ParameterCount.NonEmbedding => parameters?.NonEmbedding,
        ParameterCount.WithHead => parameters?.WithHead,
        _ => parameters?.Total,
    };

    private static RowState StateOf(RunState state) => state switch
    {
        RunState.Finished => RowState.Completed,
        RunState.Diverged => RowState.Diverged,
        _ => RowState.Unfinished,
    };
}
