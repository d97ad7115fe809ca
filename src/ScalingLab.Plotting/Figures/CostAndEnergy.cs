using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>What training with some compute costs.</summary>
/// <param name="Flops">Training FLOPs.</param>
/// <param name="Usd">Cost in USD: middle, low, high.</param>
/// <param name="EnergyMwh">Energy in MWh: middle, low, high.</param>
public sealed record CostPoint(double Flops, (double Middle, double Low, double High) Usd, (double Middle, double Low, double High) EnergyMwh);

/// <summary>What does a given compute cost in money and energy, and how sure is that? Two panels with bands from the spread of prices and utilisation.</summary>
public sealed class CostAndEnergy : Figure
{
    private readonly CostPoint[] points;
    private readonly string assumptions;
    private readonly CostPoint? marked;

    /// <summary>A figure over these points.</summary>
    /// <param name="points">Costs at several computes.</param>
    /// <param name="assumptions">Accelerator, utilisation, prices, in a phrase.</param>
    /// <param name="marked">The point that was planned; null for none.</param>
    public CostAndEnergy(IReadOnlyList<CostPoint> points, string assumptions, CostPoint? marked = null)
    {
        this.marked = marked;
        this.points = [.. points.Where(p => new[] { p.Flops, p.Usd.Low, p.Usd.Middle, p.Usd.High, p.EnergyMwh.Low, p.EnergyMwh.Middle, p.EnergyMwh.High }.All(v => v > 0 && double.IsFinite(v))).OrderBy(p => p.Flops)];
        this.assumptions = assumptions;
    }

    /// <inheritdoc/>
    public override string Name => "cost-and-energy";

    /// <inheritdoc/>
    public override string Title => "What compute costs";

    /// <inheritdoc/>
    public override string Caption => points.Length == 0
        ? "No compute has a finite cost and energy."
        : $"Cost in USD (left) and energy in MWh (right) against training FLOPs, all axes logarithmic; the bands span the low and the high case of utilisation and prices.{(marked is null ? "" : " The dark dot is the plan.")} {assumptions}";

    /// <inheritdoc/>
    public override string ToTsv()
    {
        var table = new TabSeparated("flops", "usd", "usd_low", "usd_high", "energy_mwh", "energy_low", "energy_high");
        foreach (CostPoint p in points)
            table.Row([.. new[] { p.Flops, p.Usd.Middle, p.Usd.Low, p.Usd.High, p.EnergyMwh.Middle, p.EnergyMwh.Low, p.EnergyMwh.High }.Select(v => Quantity.Exact(v))]);
        return table.ToString();
    }

    private protected override (double Width, double Height) GnuplotSize => (960, 420);

    private protected override string? Draw(Theme theme)
    {
        if (points.Length == 0)
            return null;
        var canvas = new SvgCanvas(Name, 960, 420, theme);
        DrawTitle(canvas, RichText.Plain("Lines are the middle case, bands the low and the high one"));
        DrawPanel(canvas, 70, "Cost (USD)", Paint.Blue, p => p.Usd);
        DrawPanel(canvas, 550, "Energy (MWh)", Paint.Vermillion, p => p.EnergyMwh);
        return canvas.Finish(Title, Caption);
    }

    private protected override void Script(GnuplotScript script)
    {
        script.Panels(1, 2, Title);
        foreach ((string label, int column, Paint paint) in new[] { ("Cost (USD)", 2, Paint.Blue), ("Energy (MWh)", 5, Paint.Vermillion) })
            script.Axes(RichText.Markup("Training compute *C* (FLOPs)"), RichText.Plain(label)).Plot(
                $"using 1:{column + 1}:{column + 2} with filledcurves fs transparent solid 0.2 {GnuplotScript.Colour(paint)} notitle", $"using 1:{column} with linespoints lw 2 pt 7 ps 0.4 {GnuplotScript.Colour(paint)} notitle");
    }

    private void DrawPanel(SvgCanvas canvas, double left, string label, Paint paint, Func<CostPoint, (double Middle, double Low, double High)> value)
    {
        LogScale x = LogScale.Over(points.Select(p => p.Flops))!;
        LogScale y = LogScale.Over(points.SelectMany(p => new[] { value(p).Low, value(p).High }))!;
        var panel = new Panel(canvas, left, 84, 390, 278, new Axis(x, RichText.Markup("Training compute *C* (FLOPs)")), new Axis(y, RichText.Plain(label)));
        panel.DrawFrame();
        panel.BeginData();
        canvas.Area([.. points.Select(p => panel.Point(p.Flops, value(p).Low)), .. points.Reverse().Select(p => panel.Point(p.Flops, value(p).High))], paint, 0.18);
        canvas.Path([.. points.Select(p => panel.Point(p.Flops, value(p).Middle))], new Stroke(paint, 2));
        foreach (CostPoint p in Thinning.Evenly(points, 60))
            canvas.Dot(panel.X(p.Flops), panel.Y(value(p).Middle), p == marked ? 5 : 1.8, p == marked ? Paint.Ink : paint, 1, $"{Quantity.Scientific(p.Flops)} FLOPs: {Quantity.Number(value(p).Middle, 3)}");
        panel.EndData();
    }
}
