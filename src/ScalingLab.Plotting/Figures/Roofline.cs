using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>A measured operation.</summary>
/// <param name="Name">What ran: "product 512", "step d 256".</param>
/// <param name="FlopsPerByte">Arithmetic intensity: FLOPs over the bytes that must move at least.</param>
/// <param name="FlopsPerSecond">Measured rate.</param>
public sealed record RooflinePoint(string Name, double FlopsPerByte, double FlopsPerSecond);

/// <summary>What bounds each operation, memory or arithmetic, and how close does it come? Measured rates under the machine's two roofs.</summary>
/// <remarks>Williams, Waterman and Patterson 2009, "Roofline", doi:10.1145/1498765.1498785.</remarks>
public sealed class Roofline : Figure
{
    private static readonly (string Kind, Paint Paint)[] Kinds = [("", Paint.Blue), ("inputGradient", Paint.Vermillion), ("weightGradient", Paint.Green)]; // the ends of names, after a comma

    private readonly IReadOnlyList<RooflinePoint> points;
    private readonly RooflinePoint[] usable;
    private readonly double peak, bandwidth;

    /// <summary>A figure over measured operations.</summary>
    /// <param name="points">Operations.</param>
    /// <param name="peakFlopsPerSecond">Greatest rate of products.</param>
    /// <param name="bytesPerSecond">Memory bandwidth.</param>
    public Roofline(IReadOnlyList<RooflinePoint> points, double peakFlopsPerSecond, double bytesPerSecond)
    {
        (this.points, peak, bandwidth) = (points, peakFlopsPerSecond, bytesPerSecond);
        usable = [.. points.Where(p => p.FlopsPerByte > 0 && p.FlopsPerSecond > 0 && double.IsFinite(p.FlopsPerByte * p.FlopsPerSecond))];
    }

    /// <inheritdoc/>
    public override string Name => "roofline";

    /// <inheritdoc/>
    public override string Title => "Measured rates under the machine's roofs";

    /// <inheritdoc/>
    public override string Caption => usable.Length == 0 || !HasRoofs
        ? "No operation was measured together with a peak and a bandwidth."
        : $"FLOPs per second against arithmetic intensity, both axes logarithmic. The sloped roof is memory bandwidth ({Quantity.Scientific(bandwidth)} bytes/s), the flat one the peak of products ({Quantity.Scientific(peak)} FLOP/s); they meet at {Quantity.Significant(peak / bandwidth, 3)} FLOP/byte. Best share of the peak: {Quantity.Significant(100 * usable.Max(p => p.FlopsPerSecond) / peak, 3)} %.";

    private bool HasRoofs => peak > 0 && bandwidth > 0 && double.IsFinite(peak) && double.IsFinite(bandwidth);

    /// <inheritdoc/>
    public override string ToTsv()
    {
        var table = new TabSeparated("name", "flops_per_byte", "flops_per_second", "roof_flops_per_second");
        foreach (RooflinePoint p in points)
            table.Row(p.Name, Quantity.Exact(p.FlopsPerByte), Quantity.Exact(p.FlopsPerSecond), Quantity.Exact(Roof(p.FlopsPerByte)));
        return table.ToString();
    }

    private protected override string? Draw(Theme theme)
    {
        if (usable.Length == 0 || !HasRoofs)
            return null;
        double ridge = peak / bandwidth;
        LogScale x = LogScale.Over([.. usable.Select(p => p.FlopsPerByte), ridge / 8, ridge * 8])!;
        LogScale y = LogScale.Over([.. usable.Select(p => p.FlopsPerSecond), peak * 1.3, Roof(x.Low)])!;
        var canvas = new SvgCanvas(Name, 720, 440, theme);
        DrawTitle(canvas, RichText.Plain("Left of the ridge memory is the bound, right of it arithmetic"));
        var panel = new Panel(canvas, 62, 84, 520, 296, new Axis(x, RichText.Plain("Arithmetic intensity (FLOP per byte)")), new Axis(y, RichText.Plain("Rate (FLOP per second)")));
        panel.DrawFrame();
        panel.BeginData();
        canvas.Path([panel.Point(x.Low, Roof(x.Low)), panel.Point(ridge, peak), panel.Point(x.High, peak)], new Stroke(Paint.Ink, 2));
        foreach (RooflinePoint p in usable)
            canvas.Dot(panel.X(p.FlopsPerByte), panel.Y(p.FlopsPerSecond), 4, KindOf(p).Paint, 0.9, $"{p.Name}: {Quantity.Significant(100 * p.FlopsPerSecond / Roof(p.FlopsPerByte), 2)} % of its roof");
        panel.EndData();
        DrawNames(canvas, panel);
        EdgeLabels.Draw(canvas, panel.Right, panel.Top, panel.Bottom, [(panel.Y(peak), RichText.Plain("peak of products"), Paint.Ink)]);
        double y0 = panel.Bottom - 52;
        foreach ((string kind, Paint paint) in Kinds.Where(k => usable.Any(p => KindOf(p) == k)))
        {
            canvas.Dot(panel.Right + 20, y0, 4, paint, 0.9);
            canvas.Text(panel.Right + 30, y0 + 4, RichText.Plain(kind.Length == 0 ? "forward" : kind == "inputGradient" ? "input gradient" : "weight gradient"), Paint.Ink, 11.5);
            y0 += 18;
        }

        return canvas.Finish(Title, Caption);
    }

    private protected override void Script(GnuplotScript script) =>
        script.Axes(RichText.Plain("Arithmetic intensity (FLOP per byte)"), RichText.Plain("Rate (FLOP per second)")).Line("set format y '10^{%L}'").Line("set key bottom right").Plot(
            $"using 2:4 smooth unique with lines lw 2 {GnuplotScript.Colour(Paint.Ink)} title 'roof'",
            $"using 2:3 with points pt 7 {GnuplotScript.Colour(Paint.Blue)} title 'measured'",
            "using 2:3:1 with labels offset 1,0.6 left noenhanced notitle");

    private double Roof(double flopsPerByte) => Math.Min(peak, bandwidth * flopsPerByte);

    private static (string Kind, Paint Paint) KindOf(RooflinePoint point) =>
        Kinds.FirstOrDefault(k => k.Kind.Length > 0 && point.Name.EndsWith($", {k.Kind}", StringComparison.Ordinal), Kinds[0]);

    /// <summary>One name for the products of one intensity, under the lowest of them. From right to left, each name to the right of its line: a name that must go
    /// further down passes under the lines before it.</summary>
    private void DrawNames(SvgCanvas canvas, Panel panel)
    {
        const double size = 11, step = 14;
        var taken = new List<(double Left, double Right, double Y)>();
        foreach (var group in usable.GroupBy(p => Math.Round(Math.Log(p.FlopsPerByte) / 0.005)).OrderByDescending(g => g.Key)) // within half a percent
        {
            string name = string.Join(", ", group.Select(p => KindOf(p) is { Kind.Length: > 0 } kind ? p.Name[..^(kind.Kind.Length + 2)] : p.Name).Distinct());
            double x = panel.X(group.First().FlopsPerByte), lowest = group.Max(p => panel.Y(p.FlopsPerSecond)), width = FontMetrics.Width(name, size), y = lowest + 18;
            double left = Math.Min(x + 4, panel.Right - width - 4), right = left + width;
            while (y + step < panel.Bottom && (taken.Any(t => Meet(t.Left, t.Right) && y < t.Y + step) || usable.Any(p => Meet(panel.X(p.FlopsPerByte) - 5, panel.X(p.FlopsPerByte) + 5) && Math.Abs(panel.Y(p.FlopsPerSecond) - (y - 4)) < 11)))
                y += step;
            canvas.Line(x, lowest + 5, x, y + (left > x ? 0 : -10), new Stroke(Paint.Axis, 0.8));
            canvas.Text(left, y, RichText.Plain(name), Paint.Ink, size);
            taken.Add((left, right, y));

            bool Meet(double from, double to) => from < right + 3 && to > left - 3;
        }
    }
}
