using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>Labels at the right edge of a panel, each beside the end of its curve, moved apart where they would overlap.</summary>
internal static class EdgeLabels
{
    private const double LineHeight = 14;

    /// <summary>Draws the labels; curves that end outside [top, bottom] get none.</summary>
    public static void Draw(SvgCanvas canvas, double right, double top, double bottom, IEnumerable<(double Y, RichText Text, Paint Paint)> labels)
    {
        (double Y, RichText Text, Paint Paint)[] shown = [.. labels.Where(l => l.Y >= top && l.Y <= bottom).OrderBy(l => l.Y)];
        double[] places = Spread([.. shown.Select(l => l.Y)], top, bottom);
        for (int i = 0; i < shown.Length; i++)
        {
            canvas.Path([(right + 1, shown[i].Y), (right + 6, shown[i].Y), (right + 12, places[i]), (right + 15, places[i])], new Stroke(shown[i].Paint, 1.2));
            canvas.Text(right + 19, places[i] + 4, shown[i].Text, Paint.Ink, 11.5);
        }
    }

    /// <summary>Least moved ascending places that are a line apart and, as far as they fit, inside [top, bottom].</summary>
    /// <remarks>Pool adjacent violators on y − i·LineHeight: the least-squares monotone fit.</remarks>
    public static double[] Spread(double[] wanted, double top, double bottom)
    {
        var blocks = new List<(double Sum, int Count)>();
        for (int i = 0; i < wanted.Length; i++)
        {
            blocks.Add((wanted[i] - i * LineHeight, 1));
            while (blocks.Count > 1 && blocks[^2].Sum / blocks[^2].Count > blocks[^1].Sum / blocks[^1].Count)
            {
                (double sum, int count) = blocks[^1];
                blocks.RemoveAt(blocks.Count - 1);
                blocks[^1] = (blocks[^1].Sum + sum, blocks[^1].Count + count);
            }
        }

        var places = new List<double>();
        double greatest = Math.Max(top, bottom - (wanted.Length - 1) * LineHeight);
        foreach ((double sum, int count) in blocks)
            for (int k = 0; k < count; k++)
                places.Add(Math.Clamp(sum / count, top, greatest) + places.Count * LineHeight);
        return [.. places];
    }
}
