namespace ScalingLab.Plotting.Figures;

/// <summary>Keeps files small without changing what is seen: the .tsv beside a figure holds every row.</summary>
internal static class Thinning
{
    /// <summary>At most <paramref name="most"/> items, evenly spread over the list, ends included.</summary>
    public static IReadOnlyList<T> Evenly<T>(IReadOnlyList<T> items, int most) =>
        items.Count <= most ? items : [.. Enumerable.Range(0, most).Select(i => items[(int)((long)i * (items.Count - 1) / (most - 1))])];

    /// <summary>A line through pixels without the points that lie on top of the one before.</summary>
    public static List<(double X, double Y)> Pixels(IEnumerable<(double X, double Y)> points)
    {
        var kept = new List<(double X, double Y)>();
        foreach ((double x, double y) in points)
            if (kept.Count == 0 || Math.Abs(x - kept[^1].X) >= 0.75 || Math.Abs(y - kept[^1].Y) >= 3 || !double.IsFinite(x + y))
                kept.Add((x, y));
        return kept;
    }
}
