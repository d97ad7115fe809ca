using ScalingLab.Core.Models;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Fitting;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Report;

/// <summary>Loss curves of run folders: held-out where runs were evaluated on the way, else the training loss of the log.</summary>
internal static class RunCurves
{
    private const int FewestEvaluations = 3, MostPoints = 2000;

    public static IReadOnlyList<LossCurves> Of(IReadOnlyList<(FoundRun Run, RunManifest? Manifest)> runs, ParameterCount count)
    {
        var heldOut = new List<LossCurve>();
        var training = new List<LossCurve>();
        foreach ((FoundRun run, RunManifest? manifest) in runs)
        {
            if (FlopsPerToken(run, manifest) is not double perToken)
                continue;
            ParameterCounts? parameters = run.Done?.Parameters ?? (manifest is null ? null : ParameterCounts.Of(manifest.Config.Model, manifest.Vocabulary));
            LossCurve Curve(IEnumerable<(double Flops, double Loss)> points) =>
                new(run.Folder.Id, RunRows.Counted(parameters, count), Thinning.Evenly([.. points], MostPoints), run.State == RunState.Diverged);
            heldOut.Add(Curve(run.Folder.ReadEvaluations().Entries.Select(e => (e.FlopsMeasured ?? e.Tokens * perToken, e.LossNats ?? double.NaN))));
            training.Add(Curve(run.Folder.ReadLog().Entries.Select(e => (e.FlopsMeasured ?? e.Tokens * perToken, e.LossNats ?? double.NaN))));
        }

        if (heldOut.Count == 0)
            return [];
        bool evaluated = 2 * heldOut.Count(c => c.Points.Count >= FewestEvaluations) >= heldOut.Count;
        return evaluated ? [new LossCurves(heldOut)] : [new LossCurves(training, lossName: "Training loss")];
    }

    /// <summary>Measured where it was, else the exact count of matrix products; null for a run without a config and without an end.</summary>
    private static double? FlopsPerToken(FoundRun run, RunManifest? manifest)
    {
        if (run.Done is { Tokens: > 0 } done)
            return (done.Flops.Measured ?? done.Flops.MatrixProducts) / done.Tokens;
        return manifest is null ? null : FlopCounts.MatrixProducts(manifest.Config.Model, manifest.Vocabulary);
    }
}
