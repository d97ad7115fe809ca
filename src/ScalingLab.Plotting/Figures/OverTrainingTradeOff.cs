using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>One ratio of tokens to parameters.</summary>
/// <param name="TokensPerParameter">D/N.</param>
/// <param name="LossPenalty">Loss above the optimum's at the same training FLOPs, nats per token.</param>
/// <param name="FlopsRatio">Training FLOPs over the optimum's at the same loss; null when no model of this ratio reaches it.</param>
/// <param name="BreakEvenTokens">Served tokens from which the smaller model is cheaper in all; null where it is not smaller.</param>
public sealed record TradeOffPoint(double TokensPerParameter, double LossPenalty, double? FlopsRatio, double? BreakEvenTokens);

/// <summary>What does it cost to train a smaller model for longer, and when does serving pay it back? Three panels over tokens per parameter.</summary>
public sealed class OverTrainingTradeOff : Figure
{
    private const string PenaltyLabel = "Loss above the optimum's (nats per token)", RatioLabel = "Training FLOPs over the optimum's", ServedLabel = "Served tokens to break even";
    private static readonly RichText Ratio = RichText.Markup("Tokens per parameter *D*/*N*");
    private readonly TradeOffPoint[] points;
    private readonly double optimum;
    private readonly string law;

    /// <summary>A figure of these ratios.</summary>
    /// <param name="points">Ratios in any order.</param>
    /// <param name="optimum">D/N of the optimum, marked by a diamond.</param>
    /// <param name="law">Name of the law and its budget, for the line under the title.</param>
    public OverTrainingTradeOff(IReadOnlyList<TradeOffPoint> points, double optimum, string law)
    {
        this.points = [.. points.Where(p => p.TokensPerParameter > 0 && double.IsFinite(p.TokensPerParameter) && double.IsFinite(p.LossPenalty)).OrderBy(p => p.TokensPerParameter)];
        (this.optimum, this.law) = (optimum, law);
    }

    /// <inheritdoc/>
    public override string Name => "over-training";

    /// <inheritdoc/>
    public override string Title => "Training a smaller model for longer";

    /// <inheritdoc/>
    public override string Caption => points.Length < 2 ? "There are fewer than two ratios of tokens to parameters to compare."
        : "Against training tokens per parameter: the loss above the optimum's at the same training FLOPs (left), the training FLOPs over the optimum's at the same loss (middle), "
            + "and the served tokens from which the smaller model of the same loss is cheaper in training and serving together (right). The diamond is the compute-optimal ratio.";

    /// <inheritdoc/>
    public override string ToTsv()
    {
        var table = new TabSeparated("tokens_per_param", "loss_penalty_nats", "flops_ratio_same_loss", "break_even_served_tokens");
        foreach (var p in points)
            table.Row(Quantity.Exact(p.TokensPerParameter), Quantity.Exact(p.LossPenalty), Quantity.Exact(p.FlopsRatio), Quantity.Exact(p.BreakEvenTokens));
        return table.ToString();
    }

    private protected override string? Draw(Theme theme)
    {
        if (points.Length < 2)
            return null;
        var canvas = new SvgCanvas(Name, 1040, 400, theme);
        DrawTitle(canvas, RichText.Plain(FontMetrics.Fit(law, 12, 1000)));
        LogScale x = LogScale.Over(points.Select(p => p.TokensPerParameter))!;
        DrawPanel(canvas, 64, x, LinearScale.Over(points.Select(p => p.LossPenalty).Append(0))!, PenaltyLabel, Paint.Blue, p => p.LossPenalty, 0);
        if (LogScale.Over(points.Select(p => p.FlopsRatio ?? double.NaN).Append(1)) is { } ratio)
            DrawPanel(canvas, 404, x, ratio, RatioLabel, Paint.Vermillion, p => p.FlopsRatio, 1);
        if (LogScale.Over(points.Select(p => p.BreakEvenTokens ?? double.NaN)) is { } served)
            DrawPanel(canvas, 744, x, served, ServedLabel, Paint.Green, p => p.BreakEvenTokens, null);
        return canvas.Finish(Title, Caption);
    }

    private protected override (double Width, double Height) GnuplotSize => (1040, 400);

    private protected override void Script(GnuplotScript script)
    {
        script.Panels(1, 3, Title);
        foreach ((string label, int column, bool log, Paint paint) in new[] { (PenaltyLabel, 2, false, Paint.Blue), (RatioLabel, 3, true, Paint.Vermillion), (ServedLabel, 4, true, Paint.Green) })
            script.Axes(Ratio, RichText.Plain(label), logY: log).Plot($"using 1:{column} with lines lw 2 {GnuplotScript.Colour(paint)} notitle");
    }

    private void DrawPanel(SvgCanvas canvas, double left, LogScale x, AxisScale y, string label, Paint paint, Func<TradeOffPoint, double?> value, double? atOptimum)
    {
        var panel = new Panel(canvas, left, 84, 272, 258, new Axis(x, Ratio), new Axis(y, RichText.Plain(label)));
        panel.DrawFrame();
        panel.BeginData();
        canvas.Path([.. points.Select(p => panel.Point(p.TokensPerParameter, value(p) ?? double.NaN))], new Stroke(paint, 2.2));
        if (atOptimum is { } best)
            canvas.Diamond(panel.X(optimum), panel.Y(best), 5.5, Paint.Ink, $"optimum: D/N {Quantity.Significant(optimum, 3)}");
        panel.EndData();
    }
}
