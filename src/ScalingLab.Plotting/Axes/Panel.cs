using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Axes;

/// <summary>One pair of axes on a canvas: draws grid, ticks and labels, and turns values into pixels.</summary>
/// <remarks>The vertical axis's label stands flat above its upper end, where it is read without turning the head.</remarks>
internal sealed class Panel(SvgCanvas canvas, double left, double top, double width, double height, Axis x, Axis y)
{
    private const double TickFont = 11.5, LabelFont = 12;
    private const int MostMinorLines = 36; // more would be a hatching

    public double Left => left;

    public double Top => top;

    public double Right => left + width;

    public double Bottom => top + height;

    public Axis XAxis => x;

    public Axis YAxis => y;

    public double X(double value) => left + x.Scale.Place(value) * width;

    public double Y(double value) => top + (1 - y.Scale.Place(value)) * height;

    public (double X, double Y) Point(double valueX, double valueY) => (X(valueX), Y(valueY));

    /// <summary>Grid, ticks and labels: drawn first, beneath the data.</summary>
    /// <param name="tickLabelsOfY">False for a panel that shares the vertical axis of the one to its left.</param>
    public void DrawFrame(bool tickLabelsOfY = true)
    {
        IReadOnlyList<Tick> ticksX = Uncrowded(x.Scale), ticksY = y.Scale.Ticks(Math.Max(3, (int)(height / 38)));
        foreach (bool major in new[] { false, true })
        {
            IEnumerable<Tick> Lines(IReadOnlyList<Tick> ticks) => ticks.Where(t => t.Label is not null == major && (major || ticks.Count <= MostMinorLines));
            canvas.Segments(
                [.. Lines(ticksX).Select(t => (X(t.Value), top, X(t.Value), Bottom)), .. Lines(ticksY).Select(t => (left, Y(t.Value), Right, Y(t.Value)))],
                new Stroke(major ? Paint.Grid : Paint.Faint));
        }

        canvas.Segments([(left, Bottom, Right, Bottom), .. ticksX.Select(t => (X(t.Value), Bottom, X(t.Value), Bottom + (t.Label is null ? 3 : 5)))], new Stroke(Paint.Axis));
        foreach (Tick tick in ticksX.Where(t => t.Label is not null))
            canvas.Text(X(tick.Value), Bottom + 19, tick.Label!, Paint.Muted, TickFont, Anchor.Middle);
        if (tickLabelsOfY)
            foreach (Tick tick in ticksY.Where(t => t.Label is not null))
                canvas.Text(left - 7, Y(tick.Value) + 4, tick.Label!, Paint.Muted, TickFont, Anchor.End);
        canvas.Text(left + width / 2, Bottom + 39, x.Label, Paint.Ink, LabelFont, Anchor.Middle);
        if (tickLabelsOfY)
            canvas.Text(left, top - 9, y.Label, Paint.Ink, LabelFont);
    }

    /// <summary>What is drawn until <see cref="EndData"/> stays inside the axes.</summary>
    public void BeginData() => canvas.BeginClip(left, top, width, height);

    public void EndData() => canvas.EndGroup();

    /// <summary>A function of x drawn across the axis, or across a part of it.</summary>
    public void Curve(Func<double, double> function, Stroke stroke, double? from = null, double? to = null)
    {
        const int Segments = 96;
        double start = x.Scale.Place(from ?? x.Scale.Low), end = x.Scale.Place(to ?? x.Scale.High);
        var points = new (double, double)[Segments + 1];
        for (int i = 0; i <= Segments; i++)
        {
            double value = x.Scale.Value(start + (end - start) * i / Segments);
            points[i] = Point(value, function(value));
        }

        canvas.Path(points, stroke);
    }

    /// <summary>As many labels as fit side by side.</summary>
    private IReadOnlyList<Tick> Uncrowded(AxisScale scale)
    {
        for (int labels = Math.Max(2, (int)(width / 42)); ; labels--)
        {
            IReadOnlyList<Tick> ticks = scale.Ticks(labels);
            Tick[] labelled = [.. ticks.Where(t => t.Label is not null)];
            bool fits = true;
            for (int i = 1; i < labelled.Length && fits; i++)
            {
                double room = X(labelled[i].Value) - X(labelled[i - 1].Value);
                fits = room > (labelled[i].Label!.Width(TickFont) + labelled[i - 1].Label!.Width(TickFont)) / 2 + 8;
            }

            if (fits || labels <= 2)
                return fits ? ticks : [.. ticks.Select((t, i) => t.Label is not null && t != labelled[0] && t != labelled[^1] ? t with { Label = null } : t)];
        }
    }
}
