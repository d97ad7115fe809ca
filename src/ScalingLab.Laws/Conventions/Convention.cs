using ScalingLab.Core.Runs;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Conventions;

/// <summary>What C counts.</summary>
public enum ComputeCount
{
    /// <summary>6·N·D with the N that the law is of: Hoffmann et al. 2022 for all parameters, Porian et al. 2024 with the head.</summary>
    SixNd,

    /// <summary>6·N·D with N without embeddings and head: Kaplan et al. 2020, arXiv:2001.08361, Sec. 2.1.</summary>
    Kaplan,

    /// <summary>The source's own FLOPs: measured in run folders.</summary>
    Source,
}

/// <summary>What N and C count.</summary>
/// <param name="Parameters">N.</param>
/// <param name="Compute">C.</param>
public sealed record Convention(ParameterCount Parameters, ComputeCount Compute)
{
    private const double SameCount = 1e-6;

    /// <summary>Every convention that the observations allow, those that would repeat another left out.</summary>
    public static IReadOnlyList<Convention> Of(IReadOnlyList<Observation> rows)
    {
        ParameterCount[] counts = [.. new[] { ParameterCount.NonEmbedding, ParameterCount.WithHead, ParameterCount.Total }.Where(c => rows.All(r => FitPoints.ParametersOf(r, c) is > 0))];
        if (rows.All(r => r.ParametersWithHead == r.ParametersTotal))
            counts = [.. counts.Where(c => c != ParameterCount.WithHead)]; // A tied head and no learned positions: the same count twice.
        var all = new List<Convention>();
        foreach (var count in counts)
        {
            var taken = new List<ComputeCount>();
            foreach (var compute in Enum.GetValues<ComputeCount>())
            {
                if (rows.All(r => Flops(r, count, compute) is > 0) && !taken.Exists(t => rows.All(r => Math.Abs(Flops(r, count, compute)!.Value / Flops(r, count, t)!.Value - 1) < SameCount)))
                    taken.Add(compute);
            }
            all.AddRange(taken.Select(c => new Convention(count, c)));
        }
        return all;
    }

    /// <summary>The observations under this convention.</summary>
    public FitPoints Points(IReadOnlyList<Observation> rows) => FitPoints.From(
        Compute == ComputeCount.SixNd ? rows : [.. rows.Select(r => r with { Flops = Flops(r, Parameters, Compute) })],
        Parameters, Compute == ComputeCount.SixNd ? ComputeSource.SixNd : ComputeSource.Column);

    private static double? Flops(Observation row, ParameterCount count, ComputeCount compute) => compute switch
    {
        ComputeCount.SixNd => ChinchillaLaw.SixNd * FitPoints.ParametersOf(row, count) * row.Tokens,
        ComputeCount.Kaplan => ChinchillaLaw.SixNd * row.ParametersNonEmbedding * row.Tokens,
        _ => row.Flops,
    };
}
