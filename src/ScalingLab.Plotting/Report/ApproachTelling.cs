using ScalingLab.Laws.Reports;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Report;

/// <summary>The approaches of Hoffmann et al. 2022 (arXiv:2203.15556, Sec. 3), as rows of a table and of a figure.</summary>
internal static class ApproachTelling
{
    public static IReadOnlyList<ApproachFact> Facts(FitDocument? fit) => [.. (fit?.Approaches ?? []).Select(Fact)];

    /// <summary>The exponent by the parametric approach under every convention of N and C; null when the source allows one only.</summary>
    public static ExponentsByConvention? Conventions(FitDocument fit) => fit.Conventions is not { Count: > 1 } conventions ? null :
        new([.. conventions.Select(c => (Convention: c, Row: c.Approaches.First(a => a.Approach == "parametric"))).Select(c => new ConventionExponent(Name(c.Convention), c.Row.ExponentN, Pair(c.Row.ExponentNInterval), c.Row.Refusal))]);

    private static ApproachFact Fact(ApproachDocument row) =>
        new(Name(row), row.ExponentN, Pair(row.ExponentNInterval), row.ExponentD, Pair(row.ExponentDInterval), row.Refusal is string why ? "refused: " + why : row.Basis ?? "", row.Bias?.ExponentN);

    private static string Name(ApproachDocument row) => row.Approach switch
    {
        "parametric" => "Parametric (approach 3)",
        "isoflop" => $"IsoFLOP (approach 2), {row.Curve}",
        _ => $"Envelope (approach 1), {row.Curve}",
    };

    private static string Name(ConventionDocument convention)
    {
        string compute = convention.Compute switch { "6nd" => "6ND of it", "kaplan" => "6ND without embeddings", _ => "FLOPs of the source" };
        return $"N {convention.Count}, C = {compute}";
    }

    private static (double, double)? Pair(double[]? interval) => interval is [double low, double high] ? (low, high) : null;
}
