using ScalingLab.Core.Models;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Fitting;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Report;

/// <summary>Loss curves of run folders: the training loss of the logs, and the held-out loss where runs were evaluated on the way.</summary>
internal static class RunCurves
{
    private const int FewestEvaluations = 2;
    private const double BinsPerDecade = 20; // a batch's loss is noisy; its mean over a bin is what a reader compares


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
                new(run.Folder.Id, RunRows.Counted(parameters, count), [.. points], run.State == RunState.Diverged);
            heldOut.Add(Curve(run.Folder.ReadEvaluations().Entries.Select(e => (e.FlopsMeasured ?? e.Tokens * perToken, e.LossNats ?? double.NaN))));
            training.Add(Curve(Binned(run.Folder.ReadLog().Entries.Select(e => (e.FlopsMeasured ?? e.Tokens * perToken, e.LossNats ?? double.NaN)))));
        }

        if (heldOut.Count == 0)
            return [];
        var figures = new List<LossCurves> { new(training, lossName: LossCurves.TrainingLoss) };
        if (2 * heldOut.Count(c => c.Points.Count >= FewestEvaluations) >= heldOut.Count)
            figures.Add(new LossCurves(heldOut));
        return figures;
    }

    /// <summary>Means of compute and loss over bins of equal width in log compute, counted back from the end so that the last one is full.</summary>
    /// <remarks>A loss that is not finite makes its bin so.</remarks>
    private static IEnumerable<(double Flops, double Loss)> Binned(IEnumerable<(double Flops, double Loss)> points)
    {
        (double Flops, double Loss)[] spent = [.. points.Where(p => p.Flops > 0)];
        double end = spent.Length > 0 ? Math.Log10(spent[^1].Flops) : 0;
        return spent
            .GroupBy(p => Math.Floor(BinsPerDecade * (end - Math.Log10(p.Flops))))
            .OrderByDescending(bin => bin.Key)
            .Select(bin => (bin.Average(p => p.Flops), bin.Average(p => p.Loss)));
    }

    /// <summary>Measured where it was, else the exact count of matrix products; null for a run without a config and without an end.</summary>
    private static double? FlopsPerToken(FoundRun run, RunManifest? manifest)
    {
        if (run.Done is { Tokens: > 0 } done)
            return (done.Flops.Measured ?? done.Flops.MatrixProducts) / done.Tokens;
        return manifest is null ? null : FlopCounts.MatrixProducts(manifest.Config.Model, manifest.Vocabulary);
    }
}
