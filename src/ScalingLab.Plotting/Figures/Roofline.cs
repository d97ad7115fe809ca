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
            canvas.Dot(panel.X(p.FlopsPerByte), panel.Y(p.FlopsPerSecond), 4, Paint.Blue, 0.9, $"{p.Name}: {Quantity.Significant(100 * p.FlopsPerSecond / Roof(p.FlopsPerByte), 2)} % of its roof");
        panel.EndData();
        EdgeLabels.Draw(canvas, panel.Right, panel.Top, panel.Bottom, [(panel.Y(peak), RichText.Plain("peak of products"), Paint.Ink), .. Named(panel)]);
        return canvas.Finish(Title, Caption);
    }

    private protected override void Script(GnuplotScript script) =>
        script.Axes(RichText.Plain("Arithmetic intensity (FLOP per byte)"), RichText.Plain("Rate (FLOP per second)")).Line("set format y '10^{%L}'").Line("set key bottom right").Plot(
            $"using 2:4 smooth unique with lines lw 2 {GnuplotScript.Colour(Paint.Ink)} title 'roof'",
            $"using 2:3 with points pt 7 {GnuplotScript.Colour(Paint.Blue)} title 'measured'",
            "using 2:3:1 with labels offset 1,0.6 left noenhanced notitle");

    private double Roof(double flopsPerByte) => Math.Min(peak, bandwidth * flopsPerByte);

    private IEnumerable<(double, RichText, Paint)> Named(Panel panel) =>
        usable.OrderByDescending(p => p.FlopsPerSecond).Take(12).Select(p => (panel.Y(p.FlopsPerSecond), RichText.Plain(FontMetrics.Fit(p.Name, 11.5, 110)), Paint.Blue));
}
