using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>Does the fitted law follow the observations? Two cuts through L(N, D): loss against N at fixed D, and against D at fixed N.</summary>
public sealed class FittedSurface : Figure
{
    private const int MostPoints = 3000;
    private readonly IReadOnlyList<ScalingPoint> points;
    private readonly ScalingPoint[] usable;
    private readonly Func<double, double, double> law;

    /// <summary>A figure of a law over these observations.</summary>
    /// <param name="points">Observations; those without N, D or a finite loss are counted in the caption, not drawn.</param>
    /// <param name="law">Predicted loss in nats per token from (N, D).</param>
    public FittedSurface(IReadOnlyList<ScalingPoint> points, Func<double, double, double> law)
    {
        (this.points, this.law) = (points, law);
        usable = [.. points.Where(p => p.Parameters > 0 && p.Tokens > 0 && p.Loss > 0 && double.IsFinite(p.Loss * p.Parameters.Value * p.Tokens.Value))];
    }

    /// <inheritdoc/>
    public override string Name => "fitted-law";

    /// <inheritdoc/>
    public override string Title => "The fitted law over the observations";

    /// <inheritdoc/>
    public override string Caption
    {
        get
        {
            if (usable.Length == 0)
                return "No observation has parameters, tokens and a finite loss.";
            string caption = $"Loss in nats per token; {Quantity.Of(usable.Length, "observation")} as points, the fitted law as lines. Left: against parameters, lines at fixed tokens, colour gives tokens. Right: against tokens, lines at fixed parameters, colour gives parameters. A point lies on the fit when it falls between the lines of its colour.";
            int hollow = usable.Count(p => !p.InFit);
            if (hollow > 0)
                caption += $" Hollow: {Quantity.Of(hollow, "observation")} that the fit left out.";
            if (usable.Length < points.Count)
                caption += $" {Quantity.Of(points.Count - usable.Length, "row")} without a finite loss, parameters or tokens {(points.Count - usable.Length == 1 ? "is" : "are")} not drawn.";
            return usable.Length > MostPoints ? caption + $" {MostPoints} points are drawn, evenly chosen; the table of data holds all." : caption;
        }
    }

    /// <inheritdoc/>
    public override string ToTsv()
    {
        var table = new TabSeparated("run", "params", "tokens", "loss_nats", "loss_predicted", "in_fit");
        foreach (ScalingPoint p in usable)
            table.Row(p.Run, Quantity.Exact(p.Parameters), Quantity.Exact(p.Tokens), Quantity.Exact(p.Loss), Quantity.Exact(law(p.Parameters!.Value, p.Tokens!.Value)), p.InFit ? "1" : "0");
        return table.ToString();
    }

    internal override InteractivePlot? Interactive()
    {
        if (usable.Length == 0)
            return null;
        var plot = new InteractivePlot();
        Cut(plot.Panel(RichText.Markup("Parameters *N*"), RichText.Plain("Loss (nats per token)")), p => p.Parameters!.Value, p => p.Tokens!.Value, law, "D");
        Cut(plot.Panel(RichText.Markup("Training tokens *D*"), RichText.Plain("Loss (nats per token)")), p => p.Tokens!.Value, p => p.Parameters!.Value, (tokens, size) => law(size, tokens), "N");
        return plot;
    }

    private void Cut(InteractivePlot plot, Func<ScalingPoint, double> along, Func<ScalingPoint, double> held, Func<double, double, double> loss, string symbol)
    {
        const int Steps = 32;
        var colours = new OrderedColours(usable.Select(held));
        (double low, double high) = (Math.Log(usable.Min(along)), Math.Log(usable.Max(along)));
        double[] places = [.. Enumerable.Range(0, Steps + 1).Select(i => Math.Exp(double.Lerp(low, high, (double)i / Steps)))];
        foreach (double level in Levels.Of(colours.Values))
            plot.Series("", SeriesKind.Line, colours.Of(level), places.Select(x => (x, loss(x, level))), places.Select(x => $"law at {symbol} = {Quantity.ShortCount(level)}: loss {Quantity.Loss(loss(x, level))}"));
        IReadOnlyList<ScalingPoint> shown = Thinning.Evenly(usable, MostPoints);
        foreach (IGrouping<(Paint Paint, bool InFit), ScalingPoint> alike in shown.GroupBy(p => (colours.Of(held(p)), p.InFit)))
            plot.Series("", alike.Key.InFit ? SeriesKind.Dots : SeriesKind.Rings, alike.Key.Paint, alike.Select(p => (along(p), p.Loss)), alike.Select(p => p.Tooltip));
    }

    private protected override string? Draw(Theme theme)
    {
        LogScale? n = LogScale.Over(usable.Select(p => p.Parameters!.Value)), d = LogScale.Over(usable.Select(p => p.Tokens!.Value));
        LogScale? loss = LogScale.Over(usable.Select(p => p.Loss));
        if (n is null || d is null || loss is null)
            return null;
        var canvas = new SvgCanvas(Name, 960, 440, theme);
        DrawTitle(canvas, RichText.Plain("Points are observations, lines are the law; colour gives the quantity that is held fixed along a line"));
        var y = new Axis(loss, RichText.Plain("Loss (nats per token)"));
        DrawCut(canvas, new Panel(canvas, 52, 84, 340, 298, new Axis(n, RichText.Markup("Parameters *N*")), y), p => p.Parameters!.Value, p => p.Tokens!.Value, law, "*D*");
        DrawCut(canvas, new Panel(canvas, 536, 84, 340, 298, new Axis(d, RichText.Markup("Training tokens *D*")), y), p => p.Tokens!.Value, p => p.Parameters!.Value, (tokens, size) => law(size, tokens), "*N*");
        return canvas.Finish(Title, Caption);
    }

    private protected override (double Width, double Height) GnuplotSize => (960, 440);

    private protected override void Script(GnuplotScript script)
    {
        script.Panels(1, 2, Title);
        foreach ((string label, int along, string key, int held) in new[] { ("Parameters *N*", 2, "Training tokens *D*", 3), ("Training tokens *D*", 3, "Parameters *N*", 2) })
            script.Axes(RichText.Markup(label), RichText.Plain("Loss (nats per token)")).ColourBar(RichText.Markup(key))
                .Plot($"using {along}:4:{held} with points pt 7 ps 0.6 lc palette title 'observed'", $"using {along}:5:{held} with points pt 2 ps 0.8 lc palette title 'law'");
    }

    private void DrawCut(SvgCanvas canvas, Panel panel, Func<ScalingPoint, double> along, Func<ScalingPoint, double> held, Func<double, double, double> loss, string symbol)
    {
        panel.DrawFrame();
        var colours = new OrderedColours(usable.Select(held));
        IReadOnlyList<double> levels = Levels.Of(colours.Values);
        panel.BeginData();
        foreach (double level in levels)
            panel.Curve(x => loss(x, level), new Stroke(colours.Of(level), 1.5));
        foreach (ScalingPoint p in Thinning.Evenly(usable, MostPoints))
        {
            string? tooltip = usable.Length <= 500 ? p.Tooltip : null;
            if (p.InFit)
                canvas.Dot(panel.X(along(p)), panel.Y(p.Loss), usable.Length > 150 ? 2.4 : 3.2, colours.Of(held(p)), 0.8, tooltip);
            else
                canvas.Ring(panel.X(along(p)), panel.Y(p.Loss), 2.8, new Stroke(colours.Of(held(p)), 1.3), tooltip);
        }

        panel.EndData();
        double end = panel.XAxis.Scale.High;
        double[] labelled = [.. levels.Where(level => panel.Y(loss(end, level)) is double y && y >= panel.Top && y <= panel.Bottom)];
        EdgeLabels.Draw(canvas, panel.Right, panel.Top, panel.Bottom, labelled.Select(level =>
            (panel.Y(loss(end, level)), RichText.Markup(level == labelled[^1] ? symbol + " = " : "") + Quantity.ShortCount(level), colours.Of(level))));
    }
}
