namespace ScalingLab.Bench.Coverage;

/// <summary>How often the intervals of one method held one truth.</summary>
public sealed class CoverageCounts
{
    private readonly List<double> widths = [];

    /// <summary>Intervals seen.</summary>
    public int Sets { get; private set; }

    /// <summary>90 % intervals that held it.</summary>
    public int Held90 { get; private set; }

    /// <summary>95 % intervals.</summary>
    public int Held95 { get; private set; }

    /// <summary>90 % intervals with an open end.</summary>
    public int Open { get; private set; }

    /// <summary>Median width of the 90 % intervals without an open end.</summary>
    public double MedianWidth => widths.Count == 0 ? double.NaN : widths.Order().ElementAt(widths.Count / 2);

    /// <summary>Adds a data set; a null end is open and holds all beyond it.</summary>
    public void Add(double truth, (double? Low, double? High) ninety, (double? Low, double? High) ninetyFive)
    {
        Sets++;
        Held90 += Holds(truth, ninety) ? 1 : 0;
        Held95 += Holds(truth, ninetyFive) ? 1 : 0;
        if (ninety is ({ } low, { } high))
            widths.Add(high - low);
        else
            Open++;
    }

    /// <summary>A share in percent with its standard error: 90.2 ± 1.3.</summary>
    public string Percent(int held)
    {
        double share = (double)held / Sets;
        return FormattableString.Invariant($"{100 * share:0.0} ± {100 * Math.Sqrt(share * (1 - share) / Sets):0.0}");
    }

    private static bool Holds(double truth, (double? Low, double? High) interval) => !(truth < interval.Low) && !(truth > interval.High);
}
