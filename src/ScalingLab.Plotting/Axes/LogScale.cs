using System.Globalization;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Axes;

/// <summary>A logarithmic axis: whole decades labelled 10ᵏ, and 1-2-5 or even steps where it spans less than two of them.</summary>
internal sealed class LogScale : AxisScale
{
    private const double LeastExponent = -306, GreatestExponent = 306; // beyond, 9·10^k leaves the range of a double
    private static readonly double[][] Mantissas = [[1], [1, 3], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]];
    private static readonly int[] Strides = [2, 3, 4, 5, 10, 20, 50, 100, 200];
    private const int MostUnlabelled = 60;
    private readonly double low, high; // decimal logarithms

    private LogScale(double low, double high) => (this.low, this.high) = (low, high);

    public override double Low => Math.Pow(10, low);

    public override double High => Math.Pow(10, high);

    /// <summary>An axis over the positive finite ones of <paramref name="values"/> with a margin, a share of the axis, on either side; null when there is none.</summary>
    public static LogScale? Over(IEnumerable<double> values, double margin = 0.04)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (double value in values)
        {
            if (!(value > 0) || !double.IsFinite(value))
                continue;
            double log = Math.Clamp(Math.Log10(value), LeastExponent, GreatestExponent);
            (low, high) = (Math.Min(low, log), Math.Max(high, log));
        }

        if (double.IsInfinity(low))
            return null;
        if (high - low < 0.02) // one value, or nearly equal ones: show 5 % or more on either side
        {
            double middle = Math.Clamp((low + high) / 2, LeastExponent + 1, GreatestExponent - 1);
            (low, high) = (middle - 0.03, middle + 0.03);
        }

        double free = margin * (high - low);
        return new LogScale(Math.Max(low - free, LeastExponent), Math.Min(high + free, GreatestExponent));
    }

    public override double Place(double value) => value > 0 ? (Math.Log10(value) - low) / (high - low) : double.NaN;

    public override double Value(double place) => Math.Pow(10, low + place * (high - low));

    public override IReadOnlyList<Tick> Ticks(int labels)
    {
        labels = Math.Max(2, labels);
        int first = (int)Math.Floor(low), last = (int)Math.Ceiling(high);
        int decadesInside = Count([1], first, last);
        if (decadesInside > labels)
            return Decades(first, last, Strides.First(s => s * labels >= decadesInside || s == Strides[^1]), minor: false);
        double[]? labelled = Mantissas.FirstOrDefault(m => Count(m, first, last) is int n && n >= 3 && n <= labels);
        if (labelled is [1] || decadesInside >= 3)
            return Decades(first, last, 1, minor: decadesInside <= 9);
        return labelled is null ? Even(labels) : Mixed(labelled, first, last);
    }

    private static RichText Label(double mantissa, int exponent)
    {
        double value = mantissa * Math.Pow(10, exponent);
        return value is >= 0.001 and < 10_000 && exponent is >= -3 and <= 3
            ? RichText.Plain(Math.Round(value, 12).ToString("0.############", CultureInfo.InvariantCulture))
            : RichText.Scientific(mantissa.ToString("0.####", CultureInfo.InvariantCulture), exponent);
    }

    private bool Inside(double value) => Place(value) is >= -1e-9 and <= 1 + 1e-9;

    private int Count(double[] mantissas, int first, int last)
    {
        int count = 0;
        for (int k = first; k <= last; k++)
            count += mantissas.Count(m => Inside(m * Math.Pow(10, k)));
        return count;
    }

    private List<Tick> Decades(int first, int last, int stride, bool minor)
    {
        bool plain = low >= -3.01 && high <= 4.01;
        var ticks = new List<Tick>();
        for (int k = first; k <= last; k++)
        {
            bool major = k % stride == 0;
            if (!major && last - first > MostUnlabelled)
                continue;
            RichText? label = !major ? null : plain ? Label(1, k) : RichText.Scientific("1", k);
            for (int m = 1; m <= (minor ? 9 : 1); m++)
                if (Inside(m * Math.Pow(10, k)))
                    ticks.Add(new Tick(m * Math.Pow(10, k), m == 1 ? label : null));
        }

        return ticks;
    }

    private List<Tick> Mixed(double[] labelled, int first, int last)
    {
        var ticks = new List<Tick>();
        for (int k = first; k <= last; k++)
            for (int m = 1; m <= 9; m++)
                if (Inside(m * Math.Pow(10, k)))
                    ticks.Add(new Tick(m * Math.Pow(10, k), labelled.Contains(m) ? Label(m, k) : null));
        return ticks;
    }

    /// <summary>Even steps, as on a linear axis, for a range so short that 1 to 9 are too few or too many.</summary>
    private List<Tick> Even(int labels)
    {
        int exponent = (int)Math.Floor(low + 1e-12);
        double unit = exponent is >= -3 and <= 3 ? 1 : Math.Pow(10, exponent);
        var ticks = new List<Tick>();
        foreach (Tick tick in new LinearScale(Low / unit, High / unit).Ticks(labels))
        {
            RichText? label = tick.Label;
            if (unit != 1 && label is not null)
                label = RichText.Scientific(label.ToString(), exponent);
            ticks.Add(new Tick(tick.Value * unit, label));
        }

        return ticks;
    }
}
