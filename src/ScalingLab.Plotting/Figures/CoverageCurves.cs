using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>Share of problems solved by at least one of k samples: measured, and as fitted laws say.</summary>
/// <param name="Name">Model or data set.</param>
/// <param name="Measured">Samples k and coverage from 0 to 1.</param>
/// <param name="Fitted">Coverage as a function of k; null when no law was fitted.</param>
/// <param name="Range">Least and greatest k of the fitted curve; null for those of the measured points.</param>
public sealed record CoverageCurve(string Name, IReadOnlyList<(double Samples, double Coverage)> Measured, Func<double, double>? Fitted = null, (double Low, double High)? Range = null);

/// <summary>How does coverage grow with samples? Measured points and fitted curves, k on a logarithmic axis.</summary>
public sealed class CoverageCurves : Figure
{
    private const int MostCurves = 6;
    private static readonly Paint[] Paints = [Paint.Blue, Paint.Vermillion, Paint.Green, Paint.Purple, Paint.Ink, Paint.Muted];
    private readonly IReadOnlyList<CoverageCurve> all;
    private readonly CoverageCurve[] drawn;

    /// <summary>A figure over these curves.</summary>
    public CoverageCurves(IReadOnlyList<CoverageCurve> curves)
    {
        all = curves;
        drawn = [.. curves.Where(c => c.Measured.Any(Usable) || (c.Fitted is not null && c.Range is not null)).Take(MostCurves)];
    }

    /// <inheritdoc/>
    public override string Name => "coverage-against-samples";

    /// <inheritdoc/>
    public override string Title => "Coverage against samples";

    /// <inheritdoc/>
    public override string Caption => drawn.Length == 0
        ? "No coverage was measured at a positive number of samples."
        : "Share of problems that at least one of k samples solves (pass@k, unbiased), against k; dots are measured, lines are the fitted law." + (drawn.Length < all.Count ? $" {drawn.Length} of {all.Count} curves are drawn." : "");

    /// <inheritdoc/>
    public override string ToTsv()
    {
        var table = new TabSeparated("name", "samples", "coverage", "fitted");
        foreach (CoverageCurve curve in all)
            foreach ((double k, double share) in curve.Measured)
                table.Row(curve.Name, Quantity.Exact(k), Quantity.Exact(share), Quantity.Exact(curve.Fitted?.Invoke(k)));
        return table.ToString();
    }

    private protected override string? Draw(Theme theme)
    {
        LogScale? x = LogScale.Over([.. drawn.SelectMany(c => c.Measured).Where(Usable).Select(p => p.Samples), .. drawn.SelectMany(c => c.Range is (double low, double high) ? [low, high] : Array.Empty<double>())]);
        if (x is null)
            return null;
        var canvas = new SvgCanvas(Name, 720, 440, theme);
        DrawTitle(canvas, RichText.Plain("Dots are measured, lines the fitted law"));
        var panel = new Panel(canvas, 52, 84, 520, 296, new Axis(x, RichText.Markup("Samples *k*")), new Axis(new LinearScale(0, 1), RichText.Plain("Coverage (share of problems solved)")));
        panel.DrawFrame();
        panel.BeginData();
        for (int i = 0; i < drawn.Length; i++)
        {
            if (drawn[i].Fitted is { } fitted)
                panel.Curve(fitted, new Stroke(Paints[i], 2), drawn[i].Range?.Low, drawn[i].Range?.High);
            foreach ((double k, double share) in Thinning.Evenly([.. drawn[i].Measured.Where(Usable)], 400))
                canvas.Dot(panel.X(k), panel.Y(share), 3.2, Paints[i], 0.85, $"{drawn[i].Name}: {Quantity.Significant(share, 3)} at k {Quantity.Significant(k, 3)}");
        }

        panel.EndData();
        EdgeLabels.Draw(canvas, panel.Right, panel.Top, panel.Bottom, drawn.Select((c, i) => (panel.Y(c.Fitted?.Invoke(c.Range?.High ?? x.High) is double end && double.IsFinite(end) ? end : c.Measured.LastOrDefault(Usable).Coverage), RichText.Plain(FontMetrics.Fit(c.Name, 11.5, 120)), Paints[i])));
        return canvas.Finish(Title, Caption);
    }

    private protected override void Script(GnuplotScript script) =>
        script.Axes(RichText.Markup("Samples *k*"), RichText.Plain("Coverage (share of problems solved)"), logY: false).Line("set yrange [0:1]").Line("set key bottom right").Plot(drawn.SelectMany((c, i) => new[]
        {
            $"using {GnuplotScript.Where(1, c.Name, "$2")}:3 with points pt 7 ps 0.5 {GnuplotScript.Colour(Paints[i])} title {GnuplotScript.Quoted(c.Name)}",
            $"using {GnuplotScript.Where(1, c.Name, "$2")}:4 with lines lw 2 {GnuplotScript.Colour(Paints[i])} notitle",
        }));

    private static bool Usable((double Samples, double Coverage) p) => p.Samples > 0 && double.IsFinite(p.Samples) && p.Coverage is >= 0 and <= 1;
}
