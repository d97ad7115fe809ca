using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>The runs of one FLOP budget and the minimum found among them.</summary>
/// <param name="Flops">Budget C.</param>
/// <param name="Points">Parameters N and loss in nats per token.</param>
/// <param name="Curve">Loss as a function of N: the fitted parabola or spline; null when none was fitted.</param>
/// <param name="Minimum">N and loss at the minimum of the curve; null when it was refused.</param>
/// <param name="Refusal">Why there is no minimum, in a few words.</param>
/// <param name="MinimumInterval">Interval of N at the minimum; null when nothing was resampled.</param>
public sealed record IsoFlopProfile(
    double Flops, IReadOnlyList<(double Parameters, double Loss)> Points, Func<double, double>? Curve, (double Parameters, double Loss)? Minimum, string? Refusal = null, (double Low, double High)? MinimumInterval = null);

/// <summary>At a given compute, which size has the least loss? A profile a budget, with its fitted curve and marked minimum.</summary>
public sealed class IsoFlopProfiles : Figure
{
    private const int MostProfiles = 200;
    private readonly IReadOnlyList<IsoFlopProfile> profiles;

    /// <summary>A figure over these budgets.</summary>
    public IsoFlopProfiles(IReadOnlyList<IsoFlopProfile> profiles) => this.profiles = [.. profiles.OrderBy(p => p.Flops)];

    /// <inheritdoc/>
    public override string Name => "isoflop-profiles";

    /// <inheritdoc/>
    public override string Title => "Loss against model size at fixed compute";

    /// <inheritdoc/>
    public override string Caption
    {
        get
        {
            if (!profiles.Any(p => p.Points.Any(Usable)))
                return "No FLOP budget has runs of a finite loss and a known size: isoFLOP profiles need several sizes trained with equal compute.";
            IsoFlopProfile[] refused = [.. profiles.Where(p => p.Minimum is null)];
            string caption = $"Loss in nats per token against parameters, {Quantity.Of(profiles.Count, "FLOP budget")}; lines are the fitted curves, diamonds their minima.";
            if (profiles.Any(p => p.MinimumInterval is not null))
                caption += " Bars: interval of the size of least loss over resamples.";
            if (refused.Length > 0)
                caption += $" Hollow points: {Quantity.Of(refused.Length, "budget")} without a minimum ({string.Join("; ", refused.Take(6).Select(p => $"{Quantity.Scientific(p.Flops)}: {p.Refusal ?? "no curve fitted"}"))}{(refused.Length > 6 ? "; …" : "")}).";
            return profiles.Count > MostProfiles ? caption + $" {MostProfiles} budgets are drawn, evenly chosen." : caption;
        }
    }

    /// <inheritdoc/>
    public override string ToTsv()
    {
        var table = new TabSeparated("flops", "params", "loss_nats", "loss_curve", "kind", "params_low", "params_high");
        foreach (IsoFlopProfile profile in profiles)
        {
            foreach ((double n, double loss) in profile.Points)
                table.Row(Quantity.Exact(profile.Flops), Quantity.Exact(n), Quantity.Exact(loss), Quantity.Exact(profile.Curve?.Invoke(n)), "run", "", "");
            foreach ((double n, double loss) in OnCurve(profile))
                table.Row(Quantity.Exact(profile.Flops), Quantity.Exact(n), "", Quantity.Exact(loss), "curve", "", "");
            if (profile.Minimum is (double, double) minimum)
                table.Row(Quantity.Exact(profile.Flops), Quantity.Exact(minimum.Parameters), "", Quantity.Exact(minimum.Loss), "minimum", Quantity.Exact(profile.MinimumInterval?.Low), Quantity.Exact(profile.MinimumInterval?.High));
        }

        return table.ToString();
    }

    internal override InteractivePlot? Interactive()
    {
        if (!profiles.Any(p => p.Points.Any(Usable)))
            return null;
        InteractivePlot plot = new InteractivePlot().Panel(RichText.Markup("Parameters *N*"), RichText.Plain("Loss (nats per token)"));
        var colours = new OrderedColours(profiles.Select(p => p.Flops));
        foreach (IsoFlopProfile profile in Thinning.Evenly(profiles, MostProfiles))
        {
            string budget = Quantity.Scientific(profile.Flops).ToString();
            (double Parameters, double Loss)[] points = [.. profile.Points.Where(Usable)];
            plot.Series(budget, profile.Minimum is null ? SeriesKind.Rings : SeriesKind.Dots, colours.Of(profile.Flops), points, points.Select(p => $"C {budget}: N {Quantity.Count(p.Parameters)}, loss {Quantity.Loss(p.Loss)}"));
            plot.Series("", SeriesKind.Line, colours.Of(profile.Flops), OnCurve(profile));
            if (profile.Minimum is (double, double) minimum)
                plot.Series("", SeriesKind.Diamonds, Paint.Ink, [minimum], [$"C {budget}: least loss {Quantity.Loss(minimum.Loss)} at N {Quantity.Count(minimum.Parameters)}"]);
        }

        return plot;
    }

    private protected override string? Draw(Theme theme)
    {
        (double Parameters, double Loss)[] points = [.. profiles.SelectMany(p => p.Points).Where(Usable)];
        LogScale? x = LogScale.Over(points.Select(p => p.Parameters));
        LogScale? y = LogScale.Over(points.Select(p => p.Loss).Concat(profiles.Where(p => p.Minimum is not null).Select(p => p.Minimum!.Value.Loss)));
        if (x is null || y is null)
            return null;
        var canvas = new SvgCanvas(Name, 720, 470, theme);
        DrawTitle(canvas, RichText.Plain("Each colour is a FLOP budget; diamonds mark the size of least loss"));
        var panel = new Panel(canvas, 58, 84, 530, 326, new Axis(x, RichText.Markup("Parameters *N*")), new Axis(y, RichText.Plain("Loss (nats per token)")));
        panel.DrawFrame();
        var colours = new OrderedColours(profiles.Select(p => p.Flops));
        panel.BeginData();
        foreach (IsoFlopProfile profile in Thinning.Evenly(profiles, MostProfiles))
            DrawProfile(canvas, panel, profile, colours.Of(profile.Flops));
        (double, double)[] minima = [.. profiles.Where(p => p.Minimum is not null).Select(p => panel.Point(p.Minimum!.Value.Parameters, p.Minimum.Value.Loss))];
        if (minima.Zip(minima.Skip(1)).All(pair => pair.First.Item1 < pair.Second.Item1)) // a zigzag would lead the eye nowhere
            canvas.Path(Thinning.Pixels(minima), new Stroke(Paint.Ink, 1.2, "4 3"));
        foreach (IsoFlopProfile profile in Thinning.Evenly([.. profiles.Where(p => p.Minimum is not null)], MostProfiles))
        {
            if (profile.MinimumInterval is (double low, double high) && low > 0 && double.IsFinite(high))
                DrawBar(canvas, panel.X(low), panel.X(high), panel.Y(profile.Minimum!.Value.Loss));
            canvas.Diamond(panel.X(profile.Minimum!.Value.Parameters), panel.Y(profile.Minimum.Value.Loss), 6.5, Paint.Ink, $"C {Quantity.Scientific(profile.Flops)}: least loss {Quantity.Loss(profile.Minimum.Value.Loss)} at N {Quantity.Count(profile.Minimum.Value.Parameters)}");
        }

        panel.EndData();
        DrawKeys(canvas, panel, colours);
        return canvas.Finish(Title, Caption);
    }

    private protected override void Script(GnuplotScript script) =>
        script.Axes(RichText.Markup("Parameters *N*"), RichText.Plain("Loss (nats per token)")).ColourBar(RichText.Markup("Budget *C* (FLOPs)")).StartJoining().Plot(
            GnuplotScript.JoinedRows(1, 2, 4, 1, (5, "curve")),
            $"using {GnuplotScript.Where(5, "run", "$2")}:3:1 with points pt 7 ps 0.6 lc palette title 'run'",
            $"using {GnuplotScript.Where(5, "minimum", "$2")}:4 with points pt 13 ps 1.2 {GnuplotScript.Colour(Paint.Ink)} title 'minimum'");

    private static void DrawBar(SvgCanvas canvas, double from, double to, double y) =>
        canvas.Segments([(from, y, to, y), (from, y - 4, from, y + 4), (to, y - 4, to, y + 4)], new Stroke(Paint.Ink, 1.3));

    private static bool Usable((double Parameters, double Loss) p) => p.Parameters > 0 && p.Loss > 0 && double.IsFinite(p.Parameters) && double.IsFinite(p.Loss);

    /// <summary>The fitted curve between the smallest and the largest size; for programs that draw it.</summary>
    private static IEnumerable<(double Parameters, double Loss)> OnCurve(IsoFlopProfile profile)
    {
        const int Steps = 24;
        double[] sizes = [.. profile.Points.Where(Usable).Select(p => p.Parameters)];
        if (profile.Curve is null || sizes.Length < 2)
            yield break;
        for (int i = 0; i <= Steps; i++)
        {
            double n = Math.Exp(double.Lerp(Math.Log(sizes.Min()), Math.Log(sizes.Max()), (double)i / Steps));
            if (double.IsFinite(profile.Curve(n)))
                yield return (n, profile.Curve(n));
        }
    }

    private static void DrawProfile(SvgCanvas canvas, Panel panel, IsoFlopProfile profile, Paint paint)
    {
        (double Parameters, double Loss)[] points = [.. profile.Points.Where(Usable)];
        if (profile.Curve is not null && points.Length > 1)
            panel.Curve(profile.Curve, new Stroke(paint, 1.6, profile.Minimum is null ? "2 3" : null, 0.9), points.Min(p => p.Parameters), points.Max(p => p.Parameters));
        foreach ((double n, double loss) in Thinning.Evenly(points, 1000))
        {
            string tooltip = $"C {Quantity.Scientific(profile.Flops)}, N {Quantity.Count(n)}, loss {Quantity.Loss(loss)}";
            if (profile.Minimum is null)
                canvas.Ring(panel.X(n), panel.Y(loss), 3.2, new Stroke(paint, 1.5), tooltip);
            else
                canvas.Dot(panel.X(n), panel.Y(loss), 3.4, paint, 0.9, tooltip);
        }
    }

    private void DrawKeys(SvgCanvas canvas, Panel panel, OrderedColours colours)
    {
        double x = panel.Right + 20, y = panel.Top;
        y += 12 + colours.DrawKey(canvas, x, y, RichText.Markup("Budget *C* (FLOPs)"), v => Quantity.Scientific(v, 2));
        if (profiles.Any(p => p.Minimum is not null))
        {
            canvas.Diamond(x + 9, y, 6, Paint.Ink);
            canvas.Text(x + 25, y + 4, RichText.Plain("minimum"), Paint.Ink);
            y += 18;
        }

        if (profiles.Any(p => p.Minimum is null))
        {
            canvas.Ring(x + 9, y, 3.2, new Stroke(Paint.Muted, 1.5));
            canvas.Text(x + 25, y + 4, RichText.Plain("no minimum"), Paint.Ink);
        }
    }
}
