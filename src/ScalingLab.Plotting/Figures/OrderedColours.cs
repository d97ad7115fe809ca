using ScalingLab.Plotting.Axes;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>Colours for the values of an ordered quantity, and the key that explains them: swatches for a few values, a bar for many.</summary>
internal sealed class OrderedColours
{
    private const int MostSwatches = 12;
    private readonly double[] values;

    public OrderedColours(IEnumerable<double> quantity) =>
        values = [.. quantity.Where(v => v > 0 && double.IsFinite(v)).Distinct().Order()];

    /// <summary>The different values, ascending.</summary>
    public IReadOnlyList<double> Values => values;

    /// <summary>A few values get evenly spaced colours, many get theirs by logarithm.</summary>
    public Paint Of(double value)
    {
        if (values.Length < 2 || !(value > 0))
            return ColourRamp.At(0.5);
        if (values.Length > MostSwatches)
            return ColourRamp.At(Math.Log(value / values[0]) / Math.Log(values[^1] / values[0]));
        int place = Array.BinarySearch(values, value);
        return ColourRamp.At((double)(place >= 0 ? place : Math.Min(~place, values.Length - 1)) / (values.Length - 1));
    }

    /// <summary>Draws the key downwards from (x, top), largest value first.</summary>
    /// <returns>Height in pixels that it took.</returns>
    public double DrawKey(SvgCanvas canvas, double x, double top, RichText heading, Func<double, RichText> label)
    {
        canvas.Text(x, top + 10, heading, Paint.Ink, 12);
        if (values.Length > MostSwatches)
            return DrawBar(canvas, x, top + 22);
        for (int i = 0; i < values.Length; i++)
        {
            double y = top + 29 + 18 * (values.Length - 1 - i);
            canvas.Line(x, y - 4, x + 18, y - 4, new Stroke(Of(values[i]), 3));
            canvas.Text(x + 25, y, label(values[i]), Paint.Ink, 12);
        }

        return 29 + 18 * values.Length;
    }

    private double DrawBar(SvgCanvas canvas, double x, double top)
    {
        const double Height = 190, BarWidth = 14;
        double step = Height / ColourRamp.Steps;
        for (int i = 0; i < ColourRamp.Steps; i++) // a hair of overlap, so that no seam shows
            canvas.Rectangle(x, top + Height - (i + 1) * step, BarWidth, step + (i == 0 ? 0 : 0.5), ColourRamp.At((i + 0.5) / ColourRamp.Steps));
        AxisScale scale = LogScale.Over(values, margin: 0)!;
        foreach (Tick tick in scale.Ticks(6).Where(t => t.Label is not null))
        {
            double y = top + Height * (1 - scale.Place(tick.Value));
            canvas.Line(x + BarWidth, y, x + BarWidth + 4, y, new Stroke(Paint.Axis));
            canvas.Text(x + BarWidth + 8, y + 4, tick.Label!, Paint.Muted, 11.5);
        }

        return Height + 30;
    }
}
