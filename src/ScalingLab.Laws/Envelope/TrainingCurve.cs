using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Envelope;

/// <summary>The losses of one run on its way, from the cheapest to the dearest.</summary>
/// <param name="Run">Number of the run in its <see cref="FitPoints"/>.</param>
/// <param name="Cluster">Cluster of the run.</param>
/// <param name="Parameters">N.</param>
/// <param name="Points">Indices of its points, ascending in C; two or more distinct C.</param>
public sealed record TrainingCurve(int Run, int Cluster, double Parameters, IReadOnlyList<int> Points)
{
    /// <summary>Every run that was observed at two costs or more, in the order of the source.</summary>
    public static IReadOnlyList<TrainingCurve> Of(FitPoints points) =>
    [
        .. Enumerable.Range(0, points.Count).GroupBy(i => (points.Runs[i], points.Parameters[i]))
            .Select(g => new TrainingCurve(g.Key.Item1, points.Clusters[g.First()], g.Key.Item2, [.. g.OrderBy(i => points.Flops[i])]))
            .Where(c => points.Flops[c.Points[^1]] > points.Flops[c.Points[0]]),
    ];

    /// <summary>Tokens and loss at a budget between the curve's ends, linear in logarithms; null outside them.</summary>
    public (double Tokens, double Loss)? At(FitPoints points, double flops, IReadOnlyList<double> loss)
    {
        (int after, int end) = (0, Points.Count); // The first point at this cost or above.
        while (after < end)
        {
            int middle = (after + end) / 2;
            (after, end) = points.Flops[Points[middle]] < flops ? (middle + 1, end) : (after, middle);
        }
        if (after == Points.Count || (after == 0 && points.Flops[Points[0]] > flops))
            return null;
        int j = Points[after], i = Points[Math.Max(0, after - 1)];
        double span = Math.Log(points.Flops[j] / points.Flops[i]);
        double share = span > 0 ? Math.Log(flops / points.Flops[i]) / span : 1;
        return (Between(points.Tokens[i], points.Tokens[j], share), Between(loss[i], loss[j], share));
    }

    private static double Between(double a, double b, double share) => Math.Exp((1 - share) * Math.Log(a) + share * Math.Log(b));
}
