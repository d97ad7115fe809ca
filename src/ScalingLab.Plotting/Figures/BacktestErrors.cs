using ScalingLab.Laws.Reports;
using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>How wrong are predictions, and how does that grow with extrapolation? Relative errors of each law against C over the largest C that it was fitted to.</summary>
public sealed class BacktestErrors : Figure
{
    private const int MostPoints = 2000, MostLaws = 4;
    private static readonly Paint[] Paints = [Paint.Blue, Paint.Vermillion, Paint.Green, Paint.Purple];
    private readonly BacktestDocument backtest;
    private readonly LawBacktestDocument[] laws;

    /// <summary>A figure of a backtest.</summary>
    public BacktestErrors(BacktestDocument backtest)
    {
        this.backtest = backtest;
        laws = [.. backtest.Laws.Where(l => Medians(l).Count > 0 || Predictions(l).Any()).Take(MostLaws)];
    }

    /// <inheritdoc/>
    public override string Name => "backtest-errors";

    /// <inheritdoc/>
    public override string Title => "Error of predictions against extrapolation";

    /// <inheritdoc/>
    public override string Caption
    {
        get
        {
            if (laws.Length == 0)
                return "No law could be fitted below a cut and tested above it.";
            string caption = $"|Predicted over observed loss − 1| in per cent against the extrapolation factor: training FLOPs over the largest that the law was fitted to. {Quantity.Of(backtest.Observations, "observation")}; fitted below each cut, predicted above.";
            caption += " Dots are predictions, lines medians over predictions of like extrapolation.";
            if (backtest.BestByHeldOut is string best)
                caption += $" Least median error: {best}.";
            return laws.Length < backtest.Laws.Count ? caption + $" {laws.Length} of {backtest.Laws.Count} laws are drawn." : caption;
        }
    }

    /// <inheritdoc/>
    public override string ToTsv()
    {
        var table = new TabSeparated("law", "extrapolation", "error_percent", "kind");
        foreach (LawBacktestDocument law in backtest.Laws)
        {
            foreach ((double x, double percent) in Predictions(law))
                table.Row(law.Law, Quantity.Exact(x), Quantity.Exact(percent), "prediction");
            foreach ((double x, double percent) in Medians(law))
                table.Row(law.Law, Quantity.Exact(x), Quantity.Exact(percent), "median");
        }

        return table.ToString();
    }

    private protected override string? Draw(Theme theme)
    {
        (double X, double Percent)[][] predictions = [.. laws.Select(l => Predictions(l).ToArray())];
        IReadOnlyList<(double X, double Percent)>[] medians = [.. laws.Select(Medians)];
        LogScale? x = LogScale.Over([.. predictions.SelectMany(p => p).Select(p => p.X), .. medians.SelectMany(m => m).Select(m => m.X)]);
        double middle = medians.SelectMany(m => m).Select(m => m.Percent).DefaultIfEmpty(1).Average();
        LogScale? y = LogScale.Over([.. predictions.SelectMany(p => p).Select(p => p.Percent).Where(p => p > middle / 100), .. medians.SelectMany(m => m).Select(m => m.Percent)]);
        if (x is null || y is null)
            return null;
        var canvas = new SvgCanvas(Name, 720, 440, theme);
        DrawTitle(canvas, RichText.Plain("Each law was fitted to cheap runs only; dots are dearer runs, lines are medians"));
        var panel = new Panel(canvas, 58, 84, 520, 296, new Axis(x, RichText.Plain("Extrapolation: FLOPs over the largest FLOPs fitted")), new Axis(y, RichText.Plain("Error of predicted loss (%)")));
        panel.DrawFrame();
        panel.BeginData();
        for (int i = 0; i < laws.Length; i++)
            foreach ((double at, double percent) in Thinning.Evenly(predictions[i], MostPoints / laws.Length))
                canvas.Dot(panel.X(at), panel.Y(percent), 2.2, Paints[i], 0.35);
        for (int i = 0; i < laws.Length; i++)
        {
            canvas.Path([.. medians[i].Select(m => panel.Point(m.X, m.Percent))], new Stroke(Paints[i], 2.4));
            foreach ((double at, double percent) in medians[i])
                canvas.Dot(panel.X(at), panel.Y(percent), 3.4, Paints[i], 1, $"{laws[i].Law}: median {Quantity.Significant(percent, 2)} % at {Quantity.Significant(at, 2)}x");
        }

        panel.EndData();
        EdgeLabels.Draw(canvas, panel.Right, panel.Top, panel.Bottom, laws.Select((l, i) => (medians[i].Count > 0 ? panel.Y(medians[i][^1].Percent) : panel.Bottom, RichText.Plain(l.Law), Paints[i])));
        return canvas.Finish(Title, Caption);
    }

    private protected override void Script(GnuplotScript script) =>
        script.Axes(RichText.Plain("Extrapolation: FLOPs over the largest FLOPs fitted"), RichText.Plain("Error of predicted loss (%)")).Plot(
            laws.SelectMany((l, i) => new[]
            {
                $"using {GnuplotScript.Where(1, l.Law, "strcol(4) eq 'prediction' ? $2 : NaN")}:3 with points pt 7 ps 0.3 {GnuplotScript.Colour(Paints[i])} notitle",
                $"using {GnuplotScript.Where(1, l.Law, "strcol(4) eq 'median' ? $2 : NaN")}:3 with linespoints lw 2 pt 7 {GnuplotScript.Colour(Paints[i])} title {GnuplotScript.Quoted(l.Law)}",
            }));

    private static IEnumerable<(double X, double Percent)> Predictions(LawBacktestDocument law) =>
        law.Cuts.SelectMany(c => c.Predictions ?? []).Select(p => (p.Extrapolation, 100 * Math.Abs(p.RelativeError))).Where(Drawable).OrderBy(p => p.Extrapolation);

    private static IReadOnlyList<(double X, double Percent)> Medians(LawBacktestDocument law) =>
        [.. law.ByExtrapolation.Select(e => (Math.Sqrt(e.From * e.To), 100 * e.Errors.MedianAbsolute)).Where(Drawable)];

    private static bool Drawable((double X, double Percent) p) => p.X > 0 && p.Percent > 0 && double.IsFinite(p.X) && double.IsFinite(p.Percent);
}
