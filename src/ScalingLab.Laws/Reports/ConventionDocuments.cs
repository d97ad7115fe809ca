using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Units;
using ScalingLab.Laws.Conventions;
using ScalingLab.Laws.Envelope;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Reports;

/// <summary>The fit under one convention.</summary>
/// <param name="Count">What N counts: non-embedding, with-head, total.</param>
/// <param name="Compute">What C counts: 6nd (of that N), kaplan (6·N·D without embeddings), source (the source's FLOPs; measured in run folders).</param>
/// <param name="CostExponent">s of C/D ∝ N^s over the models.</param>
/// <param name="CostDeparture">Largest relative departure of a model from that power.</param>
/// <param name="Approaches">parametric, isoflop (parabola) and envelope (minimum) under it.</param>
public sealed record ConventionDocument(string Count, string Compute, double CostExponent, double CostDeparture, IReadOnlyList<ApproachDocument> Approaches);

/// <summary>Refits under every convention of N and C that a source allows.</summary>
/// <remarks>
/// How far conventions alone move the exponent of N: .73 of Kaplan et al. 2020 against .50 of Hoffmann et al. 2022 is in good part one of them,
/// Porian et al. 2024, arXiv:2406.19146; Pearce and Song 2024, arXiv:2406.12907.
/// </remarks>
public static class ConventionDocuments
{
    /// <summary>One document a convention.</summary>
    /// <param name="rows">Observations with several counts.</param>
    /// <param name="options">Options of the parametric fits.</param>
    /// <param name="bootstrap">Resamples of the parametric fits; the other approaches take <see cref="SideBySide.Resamples"/> of them.</param>
    /// <param name="level">Level of the intervals.</param>
    /// <exception cref="UserErrorException">The source allows one convention only, or lacks tokens.</exception>
    public static IReadOnlyList<ConventionDocument> Build(IReadOnlyList<Observation> rows, ChinchillaFitOptions options, BootstrapOptions bootstrap, double level)
    {
        var conventions = Convention.Of(rows);
        if (conventions.Count < 2)
        {
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0411", "--conventions: the source allows one convention of N and C only",
                Help: "it needs two of params_total, params_non_embedding, params_with_head and flops in every row; map columns with --columns"));
        }
        var few = bootstrap with { Resamples = Math.Min(bootstrap.Resamples, SideBySide.Resamples), Kind = null };
        var documents = new List<ConventionDocument>();
        foreach (var group in conventions.GroupBy(c => c.Parameters))
        {
            // N, D and loss are the same under each C: so is the law.
            var first = group.First().Points(rows);
            var fit = ChinchillaFitter.Fit(first, options);
            var resamples = ChinchillaBootstrap.Run(first, fit, options, bootstrap);
            foreach (var convention in group)
            {
                var points = convention.Points(rows);
                var cost = CostLaw.Of(points);
                ApproachDocument[] approaches =
                [
                    Parametric(points, fit.Law, resamples, cost, bootstrap, level),
                    SideBySide.IsoFlop(points, IsoFlopFitter.Fit(points, new IsoFlopOptions { Bootstrap = few }), Curve.Parabola, fit.Law, few, level),
                    SideBySide.Envelope(points, EnvelopeFitter.Fit(points, new EnvelopeOptions { Bootstrap = few }), fit.Law, few, level),
                ];
                documents.Add(new(FitDocuments.Name(convention.Parameters), Name(convention.Compute), cost.Exponent, cost.WorstDeparture, [.. approaches.Select(SideBySide.Finite)]));
            }
        }
        return documents;
    }

    private static ApproachDocument Parametric(FitPoints points, ChinchillaLaw law, ChinchillaResamples resamples, CostLaw cost, BootstrapOptions bootstrap, double level)
    {
        if (law is not { A: > 0, B: > 0 } || !(cost.Exponent > 0))
            return SideBySide.Refused("parametric", null, points, "the fitted law has no interior optimum");
        var c = new Flops(points.Flops.Max());
        var best = cost.ComputeOptimal(law, c);
        return new("parametric", null, cost.ExponentN(law), FitDocuments.Ends(resamples.Interval(cost.ExponentN, level)), cost.ExponentD(law), FitDocuments.Ends(resamples.Interval(cost.ExponentD, level)),
            c.Count, best.Parameters, FitDocuments.Ends(resamples.Interval(l => cost.ComputeOptimal(l, c).Parameters, level)), best.Tokens, FitDocuments.Ends(resamples.Interval(l => cost.ComputeOptimal(l, c).Tokens, level)),
            bootstrap.Resamples, $"{points.Count} observations", null, null);
    }

    private static string Name(ComputeCount compute) => compute == ComputeCount.SixNd ? "6nd" : FitDocuments.Camel(compute);
}
