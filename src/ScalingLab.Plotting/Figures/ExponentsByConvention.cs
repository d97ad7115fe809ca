using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>An exponent under one way of counting, or by one approach.</summary>
/// <param name="Name">What was counted: "N without embeddings, C = 6ND".</param>
/// <param name="Value">a of N* ∝ C^a; null when it was refused.</param>
/// <param name="Interval">Its interval; null when nothing was resampled.</param>
/// <param name="Refusal">Why there is none.</param>
public sealed record ConventionExponent(string Name, double? Value, (double Low, double High)? Interval = null, string? Refusal = null);

/// <summary>How far does the exponent move when parameters or FLOPs are counted otherwise? One row a convention.</summary>
public sealed class ExponentsByConvention : Figure
{
    private const double RowHeight = 30, LabelWidth = 300;
    private static readonly RichText Exponent = RichText.Markup("Exponent *a* of *N*") + RichText.Plain("* ∝ ") + RichText.Markup("*C*^{a}");
    private readonly IReadOnlyList<ConventionExponent> rows;

    /// <summary>A figure over these rows, in their order.</summary>
    public ExponentsByConvention(IReadOnlyList<ConventionExponent> rows) => this.rows = rows;

    /// <inheritdoc/>
    public override string Name => "exponents-by-convention";

    /// <inheritdoc/>
    public override string Title => "The compute-optimal exponent under each convention";

    /// <inheritdoc/>
    public override string Caption
    {
        get
        {
            double[] values = [.. rows.Where(Usable).Select(r => r.Value!.Value)];
            if (values.Length == 0)
                return "No convention of counting gave an exponent.";
            string caption = "Exponent a of N* ∝ C^a from the same runs, with its interval, when parameters and FLOPs are counted differently.";
            if (values.Length > 1)
                caption += $" It moves from {Quantity.Significant(values.Min(), 3)} to {Quantity.Significant(values.Max(), 3)}.";
            ConventionExponent[] refused = [.. rows.Where(r => !Usable(r))];
            return refused.Length > 0 ? caption + $" Refused: {string.Join("; ", refused.Select(r => $"{r.Name} ({r.Refusal ?? "no value"})"))}." : caption;
        }
    }

    /// <inheritdoc/>
    public override string ToTsv()
    {
        var table = new TabSeparated("convention", "exponent", "low", "high", "row");
        for (int i = 0; i < rows.Count; i++)
            table.Row(rows[i].Name, Quantity.Exact(rows[i].Value), Quantity.Exact(rows[i].Interval?.Low), Quantity.Exact(rows[i].Interval?.High), Quantity.Exact(rows.Count - i));
        return table.ToString();
    }

    private protected override (double Width, double Height) GnuplotSize => (760, 130 + rows.Count * RowHeight);

    private protected override string? Draw(Theme theme)
    {
        LinearScale? x = LinearScale.Over(rows.Where(Usable).SelectMany(r => new[] { r.Value!.Value, r.Interval?.Low ?? r.Value.Value, r.Interval?.High ?? r.Value.Value }));
        if (x is null)
            return null;
        var canvas = new SvgCanvas(Name, 760, 130 + rows.Count * RowHeight, theme);
        DrawTitle(canvas, RichText.Plain("Dots are best values, bars their intervals; the runs are the same in every row"));
        var panel = new Panel(canvas, LabelWidth, 66, 400, rows.Count * RowHeight, new Axis(x, Exponent), new Axis(new LinearScale(0, rows.Count), RichText.Plain("")));
        panel.DrawFrame(tickLabelsOfY: false);
        for (int i = 0; i < rows.Count; i++)
            DrawRow(canvas, panel, rows[i], panel.Y(rows.Count - i - 0.5));
        return canvas.Finish(Title, Caption);
    }

    private protected override void Script(GnuplotScript script) =>
        script.Axes(Exponent, RichText.Plain(""), logX: false, logY: false).Line($"set yrange [0.5:{rows.Count + 0.5}]")
            .Plot($"using 2:5:3:4:ytic(1) with xerrorbars pt 7 lw 2 {GnuplotScript.Colour(Paint.Blue)} notitle");

    private static bool Usable(ConventionExponent row) => row.Value is double value && double.IsFinite(value);

    private static void DrawRow(SvgCanvas canvas, Panel panel, ConventionExponent row, double y)
    {
        canvas.Text(panel.Left - 10, y + 4, RichText.Plain(FontMetrics.Fit(row.Name, 12, LabelWidth - 24)), Paint.Ink, 12, Anchor.End);
        if (!Usable(row))
        {
            canvas.Text(panel.Left + 10, y + 4, RichText.Plain(FontMetrics.Fit("refused: " + (row.Refusal ?? "no value"), 11.5, 380)), Paint.Muted, 11.5);
            return;
        }

        if (row.Interval is (double low, double high) && double.IsFinite(low) && double.IsFinite(high))
        {
            canvas.Line(panel.X(low), y, panel.X(high), y, new Stroke(Paint.Blue, 2));
            canvas.Segments([(panel.X(low), y - 4, panel.X(low), y + 4), (panel.X(high), y - 4, panel.X(high), y + 4)], new Stroke(Paint.Blue, 1.4));
        }

        canvas.Dot(panel.X(row.Value!.Value), y, 4.5, Paint.Blue, 1, $"{row.Name}: {Quantity.Significant(row.Value, 4)}");
    }
}
