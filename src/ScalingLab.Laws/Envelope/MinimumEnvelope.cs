using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Envelope;

/// <summary>The run of least loss at each of many budgets: Hoffmann et al. 2022, arXiv:2203.15556, Sec. 3.1.</summary>
/// <remarks>
/// Where the best run is the smallest or the largest of those that pass a budget, a smaller or larger one might have been better still.
/// Such budgets are left out, as those of Approach 2 without an interior minimum are; the paper says nothing of them.
/// What remains are whole steps of the staircase N(C), from the crossing with the next smaller size to that with the next larger.
/// </remarks>
internal sealed class MinimumEnvelope
{
    private readonly FitPoints points;
    private readonly IReadOnlyList<TrainingCurve> curves;

    public MinimumEnvelope(FitPoints points, IReadOnlyList<TrainingCurve> curves)
    {
        (this.points, this.curves) = (points, curves);
        double low = curves.Min(c => points.Flops[c.Points[0]]), high = curves.Max(c => points.Flops[c.Points[^1]]);
        Budgets = [.. Enumerable.Range(0, EnvelopeOptions.Budgets).Select(i => i == EnvelopeOptions.Budgets - 1 ? high : low * Math.Pow(high / low, i / (EnvelopeOptions.Budgets - 1.0)))];
    }

    /// <summary>C, ascending, from the cheapest point of any curve to the dearest.</summary>
    public IReadOnlyList<double> Budgets { get; }

    /// <summary>Tokens and loss of each curve at each budget; null where it does not pass.</summary>
    public (double Tokens, double Loss)?[][] Read(IReadOnlyList<double> loss) => [.. curves.Select(c => Along(c, loss))];

    /// <summary>The envelope of some of the curves.</summary>
    /// <param name="read">From <see cref="Read"/>.</param>
    /// <param name="taken">Whether a curve takes part.</param>
    /// <returns>Points whose run has both a smaller and a larger one beside it, and how many budgets had another best run.</returns>
    public (List<EnvelopePoint> Points, int AtEdge) Of((double Tokens, double Loss)?[][] read, ReadOnlySpan<bool> taken)
    {
        var envelope = new List<EnvelopePoint>(Budgets.Count);
        int edge = 0;
        for (int b = 0; b < Budgets.Count; b++)
        {
            int best = -1;
            double small = double.PositiveInfinity, large = 0;
            for (int c = 0; c < curves.Count; c++)
            {
                if (!taken[c] || read[c][b] is not { } at)
                    continue;
                (small, large) = (Math.Min(small, curves[c].Parameters), Math.Max(large, curves[c].Parameters));
                if (best < 0 || at.Loss < read[best][b]!.Value.Loss)
                    best = c;
            }
            if (best < 0)
                continue;
            double n = curves[best].Parameters;
            if (n > small && n < large)
                envelope.Add(new(Budgets[b], n, read[best][b]!.Value.Tokens, read[best][b]!.Value.Loss));
            else
                edge++;
        }
        return (envelope, edge);
    }

    private (double Tokens, double Loss)?[] Along(TrainingCurve curve, IReadOnlyList<double> loss) => [.. Budgets.Select(c => curve.At(points, c, loss))];
}
