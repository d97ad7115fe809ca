using System.Globalization;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Axes;

/// <summary>A linear axis with steps of 1, 2, 2.5 or 5 times a power of ten.</summary>
internal sealed class LinearScale(double low, double high) : AxisScale
{
    private static readonly double[] Steps = [1, 2, 2.5, 5, 10];

    public override double Low => low;

    public override double High => high;

    /// <summary>An axis over the finite ones of <paramref name="values"/> with a margin on either side; null when there is none.</summary>
    public static LinearScale? Over(IEnumerable<double> values, double margin = 0.05)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (double value in values)
            if (double.IsFinite(value))
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (double.IsInfinity(low))
            return null;
        double least = Math.Max(1e-9, 1e-3 * Math.Max(Math.Abs(low), Math.Abs(high)));
        if (high - low < least)
            (low, high) = ((low + high) / 2 - least, (low + high) / 2 + least);
        double free = margin * (high - low);
        return double.IsFinite(high - low) ? new LinearScale(low - free, high + free) : new LinearScale(-double.MaxValue / 4, double.MaxValue / 4);
    }

    public override double Place(double value) => (value - low) / (high - low);

    public override double Value(double place) => low + place * (high - low);

    public override IReadOnlyList<Tick> Ticks(int labels)
    {
        double rough = (high - low) / Math.Max(2, labels);
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double factor = Steps.First(s => s * power >= rough * (1 - 1e-9));
        double step = factor * power;
        int decimals = Math.Clamp(-(int)Math.Floor(Math.Log10(step) + 1e-9) + (factor == 2.5 ? 1 : 0), 0, 12);
        string format = Math.Max(Math.Abs(low), Math.Abs(high)) < 1e6 ? "F" + decimals.ToString(CultureInfo.InvariantCulture) : "0.###e0";
        var ticks = new List<Tick>();
        for (double k = Math.Ceiling(low / step - 1e-9); k * step <= high + 1e-9 * step && ticks.Count < 100; k++)
        {
            double value = k * step;
            string text = (value == 0 ? 0 : value).ToString(format, CultureInfo.InvariantCulture);
            ticks.Add(new Tick(value, RichText.Plain(text.Replace('-', '\u2212'))));
        }

        return ticks;
    }
}
