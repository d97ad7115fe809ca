using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>Loss of one run as it trains.</summary>
/// <param name="Run">Name of the run; any text.</param>
/// <param name="Parameters">N, which gives the colour; null when unknown.</param>
/// <param name="Points">In order of training: FLOPs or tokens spent, and loss in nats per token (NaN where it was not finite).</param>
/// <param name="Diverged">The run ended because its loss was not finite.</param>
public sealed record LossCurve(string Run, double? Parameters, IReadOnlyList<(double Spent, double Loss)> Points, bool Diverged = false);

/// <summary>What the horizontal axis of <see cref="LossCurves"/> counts.</summary>
public enum SpentOn
{
    /// <summary>Training FLOPs.</summary>
    Flops,

    /// <summary>Training tokens.</summary>
    Tokens,
}

/// <summary>How did loss fall in each run, and what was the least loss for a given spend? Curves coloured by size, with their lower envelope.</summary>
public sealed class LossCurves : Figure
{
    /// <summary>Name of the loss of training batches.</summary>
    public const string TrainingLoss = "Training loss";

    private const int MostCurves = 400;
    private const int MostHovered = 200; // points of a curve in the interactive plot
    private readonly IReadOnlyList<LossCurve> curves, drawn;
    private readonly SpentOn spent;
    private readonly string lossName;

    /// <summary>A figure over these runs.</summary>
    /// <param name="curves">Runs; those without a finite loss are counted in the caption, not drawn.</param>
    /// <param name="spent">Horizontal axis.</param>
    /// <param name="lossName">Which loss it is: "Held-out loss" or <see cref="TrainingLoss"/>.</param>
    public LossCurves(IReadOnlyList<LossCurve> curves, SpentOn spent = SpentOn.Flops, string lossName = "Held-out loss")
    {
        (this.curves, this.spent, this.lossName) = (curves, spent, lossName);
        LossCurve[] usable = [.. curves.Where(c => c.Points.Any(Usable)).OrderByDescending(c => c.Parameters ?? 0)];
        drawn = Thinning.Evenly(usable, MostCurves);
        Finite = usable.Length;
    }

    /// <inheritdoc/>
    public override string Name => (lossName == TrainingLoss ? "training-" : "") + (spent == SpentOn.Flops ? "loss-against-compute" : "loss-against-tokens");

    /// <inheritdoc/>
    public override string Title => $"{lossName} against training {(spent == SpentOn.Flops ? "compute" : "tokens")}";

    /// <inheritdoc/>
    public override string Caption
    {
        get
        {
            if (drawn.Count == 0)
                return $"No run has a finite loss at a known number of {(spent == SpentOn.Flops ? "FLOPs" : "tokens")}.";
            string caption = $"{lossName} in nats per token against training {(spent == SpentOn.Flops ? "FLOPs" : "tokens")}, one curve a run ({Quantity.Of(Finite, "run")}), both axes logarithmic; colour gives the number of parameters.";
            if (HasEnvelope)
                caption += " The dark line is the lower envelope: the least loss that any run reached for that spend or less.";
            if (drawn.Any(c => c.Diverged))
                caption += " A cross marks where a run diverged.";
            if (Finite < curves.Count)
                caption += $" {Quantity.Of(curves.Count - Finite, "run")} without a finite loss {(curves.Count - Finite == 1 ? "is" : "are")} not drawn.";
            if (drawn.Count < Finite)
                caption += $" {drawn.Count} of {Finite} curves are drawn, evenly chosen by size; the envelope and the table of data are over all.";
            return caption;
        }
    }

    private int Finite { get; }

    private RichText SpentLabel => RichText.Markup(spent == SpentOn.Flops ? "Training compute *C* (FLOPs)" : "Training tokens *D*");

    private bool HasEnvelope => Finite > 1;

    /// <inheritdoc/>
    public override string ToTsv()
    {
        var table = new TabSeparated("run", "params", spent == SpentOn.Flops ? "flops" : "tokens", "loss_nats");
        foreach (LossCurve curve in curves)
            foreach ((double x, double loss) in curve.Points)
                table.Row(curve.Run, Quantity.Exact(curve.Parameters), Quantity.Exact(x), Quantity.Exact(loss));
        return table.ToString();
    }

    internal override InteractivePlot? Interactive()
    {
        if (drawn.Count == 0)
            return null;
        InteractivePlot plot = new InteractivePlot().Panel(SpentLabel, RichText.Plain(lossName + " (nats per token)"));
        var colours = new OrderedColours(drawn.Select(c => c.Parameters ?? 0));
        foreach (LossCurve curve in drawn)
        {
            IReadOnlyList<(double Spent, double Loss)> points = Thinning.Evenly(curve.Points, MostHovered);
            plot.Series(curve.Run, points.Count == 1 ? SeriesKind.Dots : SeriesKind.Line, colours.Of(curve.Parameters ?? 0), points.Select(p => Usable(p) ? p : (double.NaN, double.NaN)),
                points.Select(p => $"{curve.Run}: loss {Quantity.Loss(p.Loss)} at {(spent == SpentOn.Flops ? Quantity.Scientific(p.Spent) + " FLOPs" : Quantity.Count(p.Spent) + " tokens")}"));
        }

        return plot;
    }

    private protected override string? Draw(Theme theme)
    {
        (double Spent, double Loss)[] points = [.. drawn.SelectMany(c => c.Points).Where(Usable)];
        LogScale? x = LogScale.Over(points.Select(p => p.Spent)), y = LogScale.Over(points.Select(p => p.Loss));
        if (x is null || y is null)
            return null;
        var canvas = new SvgCanvas(Name, 720, 470, theme);
        DrawTitle(canvas, RichText.Plain(HasEnvelope ? "Each curve is a run; the dark line is the least loss for the spend" : "The only run with a finite loss"));
        var panel = new Panel(canvas, 58, 84, 530, 326, new Axis(x, SpentLabel), new Axis(y, RichText.Plain(lossName + " (nats per token)")));
        panel.DrawFrame();
        var colours = new OrderedColours(drawn.Select(c => c.Parameters ?? 0));
        panel.BeginData();
        foreach (LossCurve curve in drawn)
            DrawCurve(canvas, panel, curve, colours.Of(curve.Parameters ?? 0));
        if (HasEnvelope)
            canvas.Path(LowerEnvelope.Of(curves, x).Select(p => panel.Point(p.Spent, p.Loss)).ToArray(), new Stroke(Paint.Ink, 2));
        panel.EndData();
        DrawKeys(canvas, panel, colours);
        return canvas.Finish(Title, Caption);
    }

    private protected override void Script(GnuplotScript script) =>
        script.Axes(SpentLabel, RichText.Plain(lossName + " (nats per token)")).ColourBar(RichText.Markup("Parameters *N*")).StartJoining().Plot(GnuplotScript.JoinedRows(1, 3, 4, 2));

    private static bool Usable((double Spent, double Loss) p) => p.Spent > 0 && p.Loss > 0 && double.IsFinite(p.Spent) && double.IsFinite(p.Loss);

    private static void DrawCurve(SvgCanvas canvas, Panel panel, LossCurve curve, Paint paint)
    {
        (double Spent, double Loss)[] usable = [.. curve.Points.Where(Usable)];
        (double endX, double endY) = panel.Point(usable[^1].Spent, usable[^1].Loss);
        if (usable.Length == 1)
            canvas.Dot(endX, endY, 2.8, paint, 0.9, curve.Run);
        else
            canvas.Path(Thinning.Pixels(curve.Points.Select(p => Usable(p) ? panel.Point(p.Spent, p.Loss) : (double.NaN, double.NaN))), new Stroke(paint, 1.4, Opacity: 0.85));
        if (curve.Diverged)
            canvas.Cross(endX, endY, 4, new Stroke(Paint.Vermillion, 2), curve.Run + ": diverged");
    }

    private void DrawKeys(SvgCanvas canvas, Panel panel, OrderedColours colours)
    {
        double x = panel.Right + 20, y = panel.Top;
        if (colours.Values.Count > 0)
            y += 12 + colours.DrawKey(canvas, x, y, RichText.Markup("Parameters *N*"), Quantity.ShortCount);
        if (HasEnvelope)
        {
            canvas.Line(x, y, x + 18, y, new Stroke(Paint.Ink, 2));
            canvas.Text(x + 25, y + 4, RichText.Plain("least loss"), Paint.Ink);
            y += 18;
        }

        if (drawn.Any(c => c.Diverged))
        {
            canvas.Cross(x + 9, y, 4, new Stroke(Paint.Vermillion, 2));
            canvas.Text(x + 25, y + 4, RichText.Plain("diverged"), Paint.Ink);
        }
    }
}
