using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>How much worse the fit becomes when one quantity is held at a value and all else is fitted again.</summary>
/// <param name="Name">Parameter or derived quantity, as in files: alpha, E, exponentN.</param>
/// <param name="Points">Value and deviance: twice the loss in log-likelihood against the best fit.</param>
/// <param name="Best">Best value.</param>
/// <param name="Low">Lower end of the interval; null when the profile never rises enough below the best value.</param>
/// <param name="High">Upper end; null likewise.</param>
public sealed record LikelihoodProfile(string Name, IReadOnlyList<(double Value, double Deviance)> Points, double Best, double? Low, double? High);

/// <summary>Which values of a parameter do the data allow? Deviance against each parameter, with the level at which the interval is read off.</summary>
public sealed class LikelihoodProfiles : Figure
{
    private const int Columns = 4, MostPanels = 12;
    private const double PanelWidth = 190, PanelHeight = 150, StepX = 236, StepY = 226;
    private readonly IReadOnlyList<LikelihoodProfile> all;
    private readonly LikelihoodProfile[] drawn;
    private readonly double level, threshold;

    /// <summary>A panel a profile.</summary>
    /// <param name="profiles">Profiles; those of fewer than three finite points are not drawn.</param>
    /// <param name="level">Level of the intervals, e.g. .95.</param>
    /// <param name="threshold">Deviance there: 3.84 for 95 % and one degree of freedom.</param>
    public LikelihoodProfiles(IReadOnlyList<LikelihoodProfile> profiles, double level, double threshold)
    {
        (all, this.level, this.threshold) = (profiles, level, threshold);
        drawn = [.. profiles.Where(p => p.Points.Where(Finite).Select(q => q.Value).Distinct().Count() >= 3).Take(MostPanels)];
    }

    /// <inheritdoc/>
    public override string Name => "likelihood-profiles";

    /// <inheritdoc/>
    public override string Title => "Which values the data allow";

    /// <inheritdoc/>
    public override string Caption
    {
        get
        {
            if (drawn.Length == 0)
                return "No profile of the likelihood was computed.";
            string caption = $"Deviance (twice the fall of the log-likelihood below the best fit) when one quantity is held and all others are fitted again. The dashed line is the {Quantity.Significant(100 * level, 2)} % level, {Quantity.Significant(threshold, 3)}; the shaded values lie below it.";
            string[] open = [.. drawn.Where(p => p.Low is null || p.High is null).Select(p => p.Name)];
            return open.Length > 0 ? caption + $" Open on a side, so not bounded by the data: {string.Join(", ", open)}." : caption;
        }
    }

    /// <inheritdoc/>
    public override string ToTsv()
    {
        var table = new TabSeparated("quantity", "value", "deviance", "best", "low", "high");
        foreach (LikelihoodProfile profile in all)
            foreach ((double value, double deviance) in profile.Points.OrderBy(p => p.Value))
                table.Row(profile.Name, Quantity.Exact(value), Quantity.Exact(deviance), Quantity.Exact(profile.Best), Quantity.Exact(profile.Low), Quantity.Exact(profile.High));
        return table.ToString();
    }

    private protected override (double Width, double Height) GnuplotSize => Size;

    private protected override string? Draw(Theme theme)
    {
        if (drawn.Length == 0)
            return null;
        var canvas = new SvgCanvas(Name, Size.Width, Size.Height, theme);
        DrawTitle(canvas, RichText.Plain($"Below the dashed line: values inside the {Quantity.Significant(100 * level, 2)} % interval"));
        for (int i = 0; i < drawn.Length; i++)
            DrawProfile(canvas, drawn[i], 44 + i % Columns * StepX, 88 + i / Columns * StepY);
        return canvas.Finish(Title, Caption);
    }

    private protected override void Script(GnuplotScript script)
    {
        script.Panels((drawn.Length + Columns - 1) / Columns, Math.Min(Columns, Math.Max(1, drawn.Length)), Title);
        foreach (LikelihoodProfile profile in drawn)
        {
            script.Axes(RichText.Plain(profile.Name), RichText.Plain("Deviance"), logX: Scale(profile) is LogScale, logY: false).Line("set yrange [0:" + Quantity.Exact(Top) + "]")
                .Plot($"using {GnuplotScript.Where(1, profile.Name, "$2")}:3 with lines lw 2 {GnuplotScript.Colour(Paint.Blue)} notitle", "using 2:(" + Quantity.Exact(threshold) + $") with lines dt 2 {GnuplotScript.Colour(Paint.Vermillion)} notitle");
        }
    }

    private double Top => 2.2 * threshold;

    private (double Width, double Height) Size => (Math.Max(480, 44 + Math.Min(Columns, drawn.Length) * StepX), 88 + (drawn.Length + Columns - 1) / Columns * StepY - 4);

    private static bool Finite((double Value, double Deviance) p) => double.IsFinite(p.Value) && double.IsFinite(p.Deviance);

    /// <summary>Logarithmic for positive values that span more than a factor of four.</summary>
    private AxisScale Scale(LikelihoodProfile profile)
    {
        IEnumerable<double> ends = new[] { profile.Low, profile.Best, profile.High }.OfType<double>();
        double[] shown = [.. profile.Points.Where(p => Finite(p) && p.Deviance <= Top).Select(p => p.Value), .. ends];
        return shown.Min() > 0 && shown.Max() > 4 * shown.Min() ? LogScale.Over(shown)! : LinearScale.Over(shown)!;
    }

    private void DrawProfile(SvgCanvas canvas, LikelihoodProfile profile, double left, double top)
    {
        var panel = new Panel(canvas, left, top, PanelWidth, PanelHeight, new Axis(Scale(profile), Symbols.Of(profile.Name)), new Axis(new LinearScale(0, Top), RichText.Plain("Deviance")));
        panel.DrawFrame();
        panel.BeginData();
        double low = profile.Low ?? panel.XAxis.Scale.Low, high = profile.High ?? panel.XAxis.Scale.High;
        canvas.Rectangle(panel.X(low), panel.Top, Math.Max(0, panel.X(high) - panel.X(low)), PanelHeight, Paint.Blue, 0.12);
        canvas.Line(panel.Left, panel.Y(threshold), panel.Right, panel.Y(threshold), new Stroke(Paint.Vermillion, 1.4, "5 4"));
        canvas.Path([.. profile.Points.Where(Finite).OrderBy(p => p.Value).Select(p => panel.Point(p.Value, Math.Min(p.Deviance, 4 * Top)))], new Stroke(Paint.Blue, 2));
        canvas.Dot(panel.X(profile.Best), panel.Y(0), 4, Paint.Blue, 1, $"best {Quantity.Number(profile.Best)}");
        panel.EndData();
    }
}
