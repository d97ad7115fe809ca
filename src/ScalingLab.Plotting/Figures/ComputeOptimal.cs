using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>The best split of one budget.</summary>
/// <param name="Flops">Budget C.</param>
/// <param name="Parameters">N* of least loss.</param>
/// <param name="Tokens">D* of least loss.</param>
/// <param name="Loss">Predicted loss there, nats per token; null when the approach gives none.</param>
/// <param name="ParametersInterval">Interval of N*; null when nothing was resampled.</param>
/// <param name="TokensInterval">Interval of D*.</param>
/// <param name="LossInterval">Interval of the loss.</param>
public sealed record OptimumPoint(
    double Flops, double Parameters, double Tokens, double? Loss = null,
    (double Low, double High)? ParametersInterval = null, (double Low, double High)? TokensInterval = null, (double Low, double High)? LossInterval = null);

/// <summary>How large a model, and how many tokens, for a given compute? N* and D* against C with their interval bands.</summary>
public sealed class ComputeOptimal : Figure
{
    private const int MostDrawn = 500;
    private readonly OptimumPoint[] optima;
    private readonly (double Low, double High)? observed;
    private readonly IReadOnlyList<OptimumPoint> measured;
    private readonly (double N, double D)? exponents;

    /// <summary>A figure of these optima.</summary>
    /// <param name="optima">The fitted line, at several budgets.</param>
    /// <param name="observedFlops">Least and greatest budget among the observations: beyond it the line is dashed.</param>
    /// <param name="exponents">a and b of N* ∝ C^a and D* ∝ C^b, for the labels.</param>
    /// <param name="measured">Minima of isoFLOP profiles, drawn as diamonds.</param>
    public ComputeOptimal(
        IReadOnlyList<OptimumPoint> optima, (double Low, double High)? observedFlops = null, (double N, double D)? exponents = null, IReadOnlyList<OptimumPoint>? measured = null)
    {
        this.optima = [.. Thinning.Evenly([.. optima.Where(Usable).OrderBy(o => o.Flops)], MostDrawn)];
        (observed, this.exponents, this.measured) = (observedFlops, exponents, [.. (measured ?? []).Where(Usable)]);
    }

    /// <inheritdoc/>
    public override string Name => "compute-optimal";

    /// <inheritdoc/>
    public override string Title => "Compute-optimal size and data";

    /// <inheritdoc/>
    public override string Caption
    {
        get
        {
            if (optima.Length == 0)
                return "There is no compute-optimal line: the fit gives no finite optimum.";
            string caption = "Parameters N* (left) and training tokens D* (right) of least loss against training FLOPs, all axes logarithmic.";
            caption += optima.Any(o => o.ParametersInterval is not null) ? " The band is the interval over resamples." : " No interval was computed.";
            if (observed is not null)
                caption += " Dashed beyond the budgets that were observed: there it is extrapolation.";
            return measured.Count > 0 ? caption + $" Diamonds: minima of isoFLOP profiles{(measured.Any(m => m.ParametersInterval is not null) ? ", with the intervals of their resamples" : "")}." : caption;
        }
    }

    /// <inheritdoc/>
    public override string ToTsv()
    {
        var table = new TabSeparated("flops", "params", "params_low", "params_high", "tokens", "tokens_low", "tokens_high", "loss_nats", "loss_low", "loss_high", "kind");
        foreach ((OptimumPoint o, string kind) in optima.Select(o => (o, "fit")).Concat(measured.Select(o => (o, "isoflop"))))
        {
            table.Row(
                Quantity.Exact(o.Flops), Quantity.Exact(o.Parameters), Quantity.Exact(o.ParametersInterval?.Low), Quantity.Exact(o.ParametersInterval?.High),
                Quantity.Exact(o.Tokens), Quantity.Exact(o.TokensInterval?.Low), Quantity.Exact(o.TokensInterval?.High),
                Quantity.Exact(o.Loss), Quantity.Exact(o.LossInterval?.Low), Quantity.Exact(o.LossInterval?.High), kind);
        }

        return table.ToString();
    }

    internal override InteractivePlot? Interactive()
    {
        if (optima.Length == 0)
            return null;
        var plot = new InteractivePlot();
        foreach ((string label, string symbol, Paint paint, Func<OptimumPoint, double> value, Func<OptimumPoint, (double Low, double High)?> interval) in new (string, string, Paint, Func<OptimumPoint, double>, Func<OptimumPoint, (double, double)?>)[]
        {
            ("Parameters *N* of least loss", "N", Paint.Blue, o => o.Parameters, o => o.ParametersInterval), ("Training tokens *D* of least loss", "D", Paint.Vermillion, o => o.Tokens, o => o.TokensInterval),
        })
        {
            plot.Panel(RichText.Markup("Training compute *C* (FLOPs)"), RichText.Markup(label));
            plot.Band(paint, [.. optima.Where(o => interval(o) is (double, double) b && Usable(b)).Select(o => (o.Flops, interval(o)!.Value.Low, interval(o)!.Value.High))]);
            plot.Series("", SeriesKind.Line, paint, optima.Select(o => (o.Flops, value(o))), optima.Select(o => $"C {Quantity.Scientific(o.Flops)}: {symbol} {Quantity.Count(value(o))}"));
            plot.Series("", SeriesKind.Diamonds, Paint.Ink, measured.Select(o => (o.Flops, value(o))), measured.Select(o => $"isoFLOP minimum, C {Quantity.Scientific(o.Flops)}: {symbol} {Quantity.Count(value(o))}"));
        }

        return plot;
    }

    private protected override string? Draw(Theme theme)
    {
        if (optima.Length == 0)
            return null;
        var canvas = new SvgCanvas(Name, 960, 420, theme);
        DrawTitle(canvas, RichText.Plain(observed is null ? "The split of least loss at each budget" : "Whole line: within the observed budgets; dashed: extrapolated"));
        DrawPanel(canvas, 64, "*N*", "Parameters *N* of least loss", exponents?.N, Paint.Blue, o => o.Parameters, o => o.ParametersInterval);
        DrawPanel(canvas, 544, "*D*", "Training tokens *D* of least loss", exponents?.D, Paint.Vermillion, o => o.Tokens, o => o.TokensInterval);
        return canvas.Finish(Title, Caption);
    }

    private protected override (double Width, double Height) GnuplotSize => (960, 420);

    private protected override void Script(GnuplotScript script)
    {
        script.Panels(1, 2, Title).Line("set key top left");
        foreach ((string label, int column, Paint paint) in new[] { ("Parameters *N* of least loss", 2, Paint.Blue), ("Training tokens *D* of least loss", 5, Paint.Vermillion) })
            script.Axes(RichText.Markup("Training compute *C* (FLOPs)"), RichText.Markup(label)).Plot(
                $"using {GnuplotScript.Where(11, "fit", "$1")}:{column + 1}:{column + 2} with filledcurves fs transparent solid 0.2 {GnuplotScript.Colour(paint)} title 'interval'",
                $"using {GnuplotScript.Where(11, "fit", "$1")}:{column} with lines lw 2 {GnuplotScript.Colour(paint)} title 'fit'",
                $"using {GnuplotScript.Where(11, "isoflop", "$1")}:{column} with points pt 13 {GnuplotScript.Colour(Paint.Ink)} title 'isoFLOP'");
    }

    private static bool Usable(OptimumPoint o) => o.Flops > 0 && o.Parameters > 0 && o.Tokens > 0 && double.IsFinite(o.Flops) && double.IsFinite(o.Parameters) && double.IsFinite(o.Tokens);

    private static bool Usable((double Low, double High) interval) => interval.Low > 0 && interval.High >= interval.Low && double.IsFinite(interval.High);

    private void DrawPanel(
        SvgCanvas canvas, double left, string symbol, string label, double? exponent, Paint paint, Func<OptimumPoint, double> value, Func<OptimumPoint, (double Low, double High)?> interval)
    {
        LogScale x = LogScale.Over(optima.Concat(measured).Select(o => o.Flops))!;
        (OptimumPoint At, (double Low, double High) Band)[] band = [.. optima.Where(o => interval(o) is (double, double) b && Usable(b)).Select(o => (o, interval(o)!.Value))];
        LogScale y = LogScale.Over(optima.Concat(measured).Select(value).Concat(band.SelectMany(b => new[] { b.Band.Low, b.Band.High })))!;
        var panel = new Panel(canvas, left, 84, 396, 278, new Axis(x, RichText.Markup("Training compute *C* (FLOPs)")), new Axis(y, RichText.Markup(label)));
        panel.DrawFrame();
        panel.BeginData();
        canvas.Area([.. band.Select(b => panel.Point(b.At.Flops, b.Band.Low)), .. band.Reverse().Select(b => panel.Point(b.At.Flops, b.Band.High))], paint, 0.18);
        DrawLine(canvas, panel, paint, value);
        if (optima.Length == 1)
            canvas.Dot(panel.X(optima[0].Flops), panel.Y(value(optima[0])), 4, paint);
        foreach (OptimumPoint minimum in Thinning.Evenly(measured, MostDrawn))
        {
            if (interval(minimum) is (double low, double high) bar && Usable(bar))
                canvas.Segments([(panel.X(minimum.Flops), panel.Y(low), panel.X(minimum.Flops), panel.Y(high))], new Stroke(Paint.Ink, 1.3));
            canvas.Diamond(panel.X(minimum.Flops), panel.Y(value(minimum)), 5.5, Paint.Ink, $"C {Quantity.Scientific(minimum.Flops)}: {Quantity.Count(value(minimum))}");
        }

        panel.EndData();
        if (exponent is not null)
            canvas.Text(panel.Left + 14, panel.Top + 22, RichText.Markup(symbol) + RichText.Plain("* ∝ ") + RichText.Markup($"*C*^{{{Quantity.Significant(exponent, 3)}}}"), paint, 14);
    }

    /// <summary>Whole inside the observed budgets, dashed beyond; the two parts share the point at which they meet.</summary>
    private void DrawLine(SvgCanvas canvas, Panel panel, Paint paint, Func<OptimumPoint, double> value)
    {
        (double low, double high) = observed ?? (0, double.PositiveInfinity);
        bool Inside(OptimumPoint o) => o.Flops >= low * (1 - 1e-9) && o.Flops <= high * (1 + 1e-9);
        int first = Array.FindIndex(optima, Inside), last = Array.FindLastIndex(optima, Inside);
        (double, double)[] line = [.. optima.Select(o => panel.Point(o.Flops, value(o)))];
        var dashed = new Stroke(paint, 2, "5 4");
        if (first < 0)
        {
            canvas.Path(line, dashed);
            return;
        }

        canvas.Path(line[..(first + 1)], dashed);
        canvas.Path(line[first..(last + 1)], new Stroke(paint, 2.2));
        canvas.Path(line[last..], dashed);
    }
}
