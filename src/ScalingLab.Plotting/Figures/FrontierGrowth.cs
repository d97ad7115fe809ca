using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>A model of the record.</summary>
/// <param name="Name">Model; any text.</param>
/// <param name="Year">Publication as a decimal year.</param>
/// <param name="Value">Quantity, positive.</param>
/// <param name="InSubset">In the subset that the trend is fitted to.</param>
public sealed record FrontierPoint(string Name, double Year, double Value, bool InSubset = true);

/// <summary>How fast does a quantity of published models grow? Each model, and the fitted exponential trend with its band.</summary>
public sealed class FrontierGrowth : Figure
{
    private const int MostPoints = 3000;
    private readonly IReadOnlyList<FrontierPoint> points;
    private readonly FrontierPoint[] usable;
    private readonly string quantity;
    private readonly (double Middle, double Low, double High)? growth;
    private readonly double? intercept;

    /// <summary>A figure of a trend.</summary>
    /// <param name="points">Models.</param>
    /// <param name="quantity">What is shown, with its unit: "Training compute (FLOPs)".</param>
    /// <param name="growthPerYear">Factor a year with its interval; null without a fit.</param>
    /// <param name="log10AtYear2020">Decimal logarithm of the trend at the start of 2020; null without a fit.</param>
    /// <param name="short">What ends the figure's name: "compute".</param>
    public FrontierGrowth(IReadOnlyList<FrontierPoint> points, string quantity, (double Middle, double Low, double High)? growthPerYear, double? log10AtYear2020, string @short = "")
    {
        (this.points, this.quantity, growth, intercept, Name) = (points, quantity, growthPerYear, log10AtYear2020, @short.Length == 0 ? "frontier-growth" : "frontier-growth-" + @short);
        usable = [.. points.Where(p => p.Value > 0 && double.IsFinite(p.Value) && double.IsFinite(p.Year)).OrderBy(p => p.Year)];
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Title => $"{quantity.Split(" (")[0]} over the years";

    /// <inheritdoc/>
    public override string Caption
    {
        get
        {
            if (usable.Length == 0)
                return "No model has a date and a positive value.";
            string caption = $"{quantity} of {Quantity.Of(usable.Length, "model")} against publication date, vertical axis logarithmic.";
            if (growth is (double middle, double low, double high))
                caption += $" The line grows {Quantity.Significant(middle, 3)}-fold a year [{Quantity.Significant(low, 3)}, {Quantity.Significant(high, 3)}]; the band shows the interval of the slope.";
            int outside = usable.Count(p => !p.InSubset);
            return outside > 0 ? caption + $" Pale: {Quantity.Of(outside, "model")} outside the subset that was fitted." : caption;
        }
    }

    /// <inheritdoc/>
    public override string ToTsv()
    {
        var table = new TabSeparated("model", "year", "value", "in_subset", "trend");
        foreach (FrontierPoint p in points)
            table.Row(p.Name, Quantity.Exact(p.Year), Quantity.Exact(p.Value), p.InSubset ? "1" : "0", Quantity.Exact(Trend(p.Year)));
        return table.ToString();
    }

    private protected override string? Draw(Theme theme)
    {
        LinearScale? x = LinearScale.Over(usable.Select(p => p.Year));
        LogScale? y = LogScale.Over(usable.Select(p => p.Value));
        if (x is null || y is null)
            return null;
        var canvas = new SvgCanvas(Name, 720, 440, theme);
        DrawTitle(canvas, RichText.Plain(growth is (double middle, double low, double high) ? $"{Quantity.Significant(middle, 3)}-fold a year, {Quantity.Significant(low, 3)} to {Quantity.Significant(high, 3)}" : "No trend was fitted"));
        var panel = new Panel(canvas, 62, 84, 634, 296, new Axis(x, RichText.Plain("Publication date (year)")), new Axis(y, RichText.Plain(quantity)));
        panel.DrawFrame();
        panel.BeginData();
        foreach (FrontierPoint p in Thinning.Evenly(usable, MostPoints))
            canvas.Dot(panel.X(p.Year), panel.Y(p.Value), 2.8, p.InSubset ? Paint.Blue : Paint.Muted, p.InSubset ? 0.6 : 0.3, usable.Length <= 1500 ? $"{p.Name}: {Quantity.Scientific(p.Value)}" : null);
        DrawTrend(canvas, panel);
        panel.EndData();
        return canvas.Finish(Title, Caption);
    }

    private protected override void Script(GnuplotScript script) =>
        script.Axes(RichText.Plain("Publication date (year)"), RichText.Plain(quantity), logX: false).Line("set format y '10^{%L}'").Line("set key top left").Plot(
            $"using {GnuplotScript.Where(4, "1", "$2")}:3 with points pt 7 ps 0.4 {GnuplotScript.Colour(Paint.Blue)} title 'in the fit'",
            $"using {GnuplotScript.Where(4, "0", "$2")}:3 with points pt 7 ps 0.3 {GnuplotScript.Colour(Paint.Muted)} title 'outside'",
            $"using 2:5 smooth unique with lines lw 2 {GnuplotScript.Colour(Paint.Vermillion)} title 'trend'");

    private double? Trend(double year) => growth is (double middle, _, _) && intercept is double at ? Math.Pow(10, at + Math.Log10(middle) * (year - 2020)) : null;

    private void DrawTrend(SvgCanvas canvas, Panel panel)
    {
        FrontierPoint[] fitted = [.. usable.Where(p => p.InSubset)];
        if (growth is not (double middle, double low, double high) || fitted.Length == 0 || Trend(fitted[0].Year) is null)
            return;
        (double from, double to) = (fitted[0].Year, fitted[^1].Year);
        double pivot = fitted.Average(p => p.Year); // a fitted slope turns about the mean date
        double At(double year, double factor) => Trend(pivot)!.Value * Math.Pow(factor, year - pivot);
        double[] years = [.. Enumerable.Range(0, 33).Select(i => double.Lerp(from, to, i / 32.0))];
        canvas.Area([.. years.Select(t => panel.Point(t, At(t, t < pivot ? high : low))), .. years.Reverse().Select(t => panel.Point(t, At(t, t < pivot ? low : high)))], Paint.Vermillion, 0.18);
        canvas.Path([panel.Point(from, At(from, middle)), panel.Point(to, At(to, middle))], new Stroke(Paint.Vermillion, 2.2));
    }
}
