using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>Is anything left that the law does not explain? Relative residuals against N, D and C.</summary>
public sealed class Residuals : Figure
{
    private const int MostPoints = 3000, FewestForMedian = 12, MostBins = 24, FewestInBin = 5;
    private const double SamePlace = 1.02; // budgets of one sweep differ by their rounding to whole steps
    private const double EdgeShare = 0.97; // closer to the edge a dot would be cut
    private static readonly (string Label, Func<ScalingPoint, double?> Value)[] Against =
        [("Parameters *N*", p => p.Parameters), ("Training tokens *D*", p => p.Tokens), ("Training compute *C* (FLOPs)", p => p.Flops)];

    private readonly (ScalingPoint Point, double Percent)[] residuals;
    private readonly int withoutResidual;
    private readonly double range;

    /// <summary>Residuals of a law over these observations.</summary>
    /// <param name="points">Observations.</param>
    /// <param name="law">Predicted loss in nats per token from (N, D).</param>
    public Residuals(IReadOnlyList<ScalingPoint> points, Func<double, double, double> law)
        : this([.. points.Select(p => (p, p.Parameters > 0 && p.Tokens > 0 ? (double?)law(p.Parameters.Value, p.Tokens.Value) : null))])
    {
    }

    /// <summary>Residuals against predictions made elsewhere; null where there is none.</summary>
    public Residuals(IReadOnlyList<(ScalingPoint Point, double? Predicted)> predictions)
    {
        residuals = [.. predictions.Select(p => (p.Point, 100 * (p.Point.Loss / (p.Predicted ?? double.NaN) - 1))).Where(r => double.IsFinite(r.Item2))];
        withoutResidual = predictions.Count - residuals.Length;
        range = residuals.Length > 0 ? Range() : 1;
    }

    /// <inheritdoc/>
    public override string Name => "residuals";

    /// <inheritdoc/>
    public override string Title => "What the law leaves unexplained";

    /// <inheritdoc/>
    public override string Caption
    {
        get
        {
            if (residuals.Length == 0)
                return "No observation has both a finite loss and a prediction.";
            double[] sizes = [.. residuals.Where(r => r.Point.InFit).Select(r => Math.Abs(r.Percent)).Order()];
            string caption = "Observed loss over predicted loss, minus one, in per cent, against parameters, tokens and FLOPs.";
            if (HasMedian)
                caption += " The line joins medians of neighbouring points: where it leaves zero, the law is wrong in a systematic way.";
            if (sizes.Length > 0)
                caption += $" Half of the {Quantity.Of(sizes.Length, "observation")} in the fit lie within {Quantity.Significant(sizes[sizes.Length / 2], 2)} %, all within {Quantity.Significant(sizes[^1], 2)} %.";
            if (residuals.Any(r => !r.Point.InFit))
                caption += $" Hollow: {residuals.Count(r => !r.Point.InFit)} left out of the fit.";
            int beyond = residuals.Count(r => Math.Abs(r.Percent) > EdgeShare * range);
            if (beyond > 0)
                caption += $" Triangles at the edge: {beyond} beyond the axis, up to {Quantity.Significant(residuals.Max(r => Math.Abs(r.Percent)), 2)} %.";
            return withoutResidual > 0 ? caption + $" {Quantity.Of(withoutResidual, "row")} without a finite loss or a prediction {(withoutResidual == 1 ? "is" : "are")} not drawn." : caption;
        }
    }

    private bool HasMedian => residuals.Count(r => r.Point.InFit) >= FewestForMedian;

    /// <inheritdoc/>
    public override string ToTsv()
    {
        var table = new TabSeparated("run", "params", "tokens", "flops", "residual_percent", "in_fit");
        foreach ((ScalingPoint p, double percent) in residuals)
            table.Row(p.Run, Quantity.Exact(p.Parameters), Quantity.Exact(p.Tokens), Quantity.Exact(p.Flops), Quantity.Exact(percent), p.InFit ? "1" : "0");
        return table.ToString();
    }

    internal override InteractivePlot? Interactive()
    {
        if (residuals.Length == 0)
            return null;
        var plot = new InteractivePlot();
        foreach ((string label, Func<ScalingPoint, double?> value) in Against)
        {
            plot.Panel(RichText.Markup(label), RichText.Plain("Residual (%)"), logY: false);
            foreach (IGrouping<bool, (ScalingPoint Point, double Percent)> alike in Thinning.Evenly([.. residuals.Where(r => value(r.Point) > 0)], MostPoints).GroupBy(r => r.Point.InFit))
                plot.Series("", alike.Key ? SeriesKind.Dots : SeriesKind.Rings, Paint.Blue, alike.Select(r => (value(r.Point)!.Value, r.Percent)), alike.Select(r => $"{r.Point.Tooltip}, residual {Quantity.Significant(r.Percent, 2)} %"));
        }

        return plot;
    }

    private protected override string? Draw(Theme theme)
    {
        if (residuals.Length == 0)
            return null;
        var canvas = new SvgCanvas(Name, 960, 350, theme);
        DrawTitle(canvas, RichText.Plain("Above zero the run did worse than the law says" + (HasMedian ? "; the line joins medians of neighbours" : "")));
        var y = new Axis(new LinearScale(-range, range), RichText.Plain("Residual (%)"));
        for (int i = 0; i < Against.Length; i++)
            DrawPanel(canvas, 58 + i * 304, y, RichText.Markup(Against[i].Label), Against[i].Value, first: i == 0);
        return canvas.Finish(Title, Caption);
    }

    private protected override (double Width, double Height) GnuplotSize => (960, 350);

    private protected override void Script(GnuplotScript script)
    {
        script.Panels(1, 3, Title);
        for (int i = 0; i < Against.Length; i++)
            script.Axes(RichText.Markup(Against[i].Label), RichText.Plain("Residual (%)"), logY: false).Plot($"using {i + 2}:{GnuplotScript.Where(6, "1", "$5")} with points pt 7 ps 0.4 {GnuplotScript.Colour(Paint.Blue)} notitle");
    }

    /// <summary>Half the height of the axis in per cent: holds 98 % of the fit's residuals, so that a few outliers do not flatten the rest.</summary>
    private double Range()
    {
        double[] sizes = [.. residuals.Select(r => Math.Abs(r.Percent)).Order()];
        double[] inFit = [.. residuals.Where(r => r.Point.InFit).Select(r => Math.Abs(r.Percent)).Order()];
        double[] counted = inFit.Length > 0 ? inFit : sizes;
        double most = counted[(int)(0.98 * (counted.Length - 1))];
        return Math.Max(1.15 * (sizes[^1] <= 1.6 * most ? sizes[^1] : 1.3 * most), 0.01);
    }

    private void DrawPanel(SvgCanvas canvas, double left, Axis y, RichText label, Func<ScalingPoint, double?> value, bool first)
    {
        const double Top = 84, Width = 262, Height = 208;
        (double At, ScalingPoint Point, double Percent)[] shown =
            [.. residuals.Where(r => value(r.Point) is double v && v > 0 && double.IsFinite(v)).Select(r => (value(r.Point)!.Value, r.Point, r.Percent)).OrderBy(r => r.Item1)];
        if (LogScale.Over(shown.Select(s => s.At)) is not LogScale x)
        {
            canvas.Text(left + Width / 2, Top + Height / 2, RichText.Plain("No values of ") + label, Paint.Muted, 12, Anchor.Middle);
            return;
        }

        var panel = new Panel(canvas, left, Top, Width, Height, new Axis(x, label), y);
        panel.DrawFrame(first);
        canvas.Line(left, panel.Y(0), panel.Right, panel.Y(0), new Stroke(Paint.Axis));
        foreach ((double at, ScalingPoint point, double percent) in Thinning.Evenly(shown, MostPoints))
        {
            string? tooltip = shown.Length <= 500 ? $"{point.Tooltip}, residual {Quantity.Significant(percent, 2)} %" : null;
            double px = panel.X(at), py = panel.Y(Math.Clamp(percent, -range, range));
            if (Math.Abs(percent) > EdgeShare * range)
                canvas.Triangle(px, py + (percent > 0 ? 5 : -5), 4, percent > 0, point.InFit ? Paint.Blue : null, Paint.Blue, tooltip);
            else if (point.InFit)
                canvas.Dot(px, py, shown.Length > 150 ? 2.2 : 3, Paint.Blue, shown.Length > 500 ? 0.35 : 0.6, tooltip);
            else
                canvas.Ring(px, py, 2.6, new Stroke(Paint.Blue, 1.2), tooltip);
        }

        canvas.Path(BinnedMedian([.. shown.Where(s => s.Point.InFit)]).Select(m => panel.Point(m.At, Math.Clamp(m.Percent, -range, range))).ToArray(), new Stroke(Paint.Vermillion, 2));
    }

    /// <summary>Medians over at most <see cref="MostBins"/> bins of about equally many points; points of one place share a bin, so the line never stands upright.</summary>
    private static IEnumerable<(double At, double Percent)> BinnedMedian((double At, ScalingPoint Point, double Percent)[] points)
    {
        if (points.Length < FewestForMedian)
            yield break;
        int full = Math.Max(FewestInBin, (points.Length + MostBins - 1) / MostBins);
        for (int start = 0; start < points.Length;)
        {
            int end = Math.Min(points.Length, start + full);
            while (end < points.Length && points[end].At <= points[end - 1].At * SamePlace)
                end++;
            if (points.Length - end < FewestInBin)
                end = points.Length;
            var bin = points[start..end];
            yield return (bin[bin.Length / 2].At, bin.Select(p => p.Percent).Order().ElementAt(bin.Length / 2));
            start = end;
        }
    }
}
