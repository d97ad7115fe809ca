using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Envelope;

/// <summary>Corners of the lower convex hull of ln loss against ln C over all points, up to the least loss: McLeish et al. 2025, arXiv:2502.06857.</summary>
internal static class HullEnvelope
{
    /// <summary>The corners, ascending in C, descending in loss.</summary>
    /// <param name="points">Points.</param>
    /// <param name="loss">Loss of each.</param>
    /// <param name="taken">Whether a point takes part.</param>
    public static List<EnvelopePoint> Of(FitPoints points, IReadOnlyList<double> loss, Func<int, bool> taken)
    {
        // Andrew 1979, doi:10.1016/0020-0190(79)90072-3: by C, keeping only turns to the left.
        var hull = new List<(double X, double Y, int Point)>();
        foreach (int i in Enumerable.Range(0, points.Count).Where(taken).OrderBy(i => points.Flops[i]).ThenBy(i => loss[i]))
        {
            (double x, double y) = (Math.Log(points.Flops[i]), Math.Log(loss[i]));
            if (hull.Count > 0 && hull[^1].X == x)
                continue; // The same cost at a higher loss.
            while (hull.Count > 1 && (hull[^1].X - hull[^2].X) * (y - hull[^2].Y) <= (hull[^1].Y - hull[^2].Y) * (x - hull[^2].X))
                hull.RemoveAt(hull.Count - 1);
            hull.Add((x, y, i));
        }
        int falling = 1;
        while (falling < hull.Count && hull[falling].Y < hull[falling - 1].Y)
            falling++; // A convex chain rises for good once it rises.
        return [.. hull.Take(falling).Select(h => new EnvelopePoint(points.Flops[h.Point], points.Parameters[h.Point], points.Tokens[h.Point], loss[h.Point]))];
    }
}
