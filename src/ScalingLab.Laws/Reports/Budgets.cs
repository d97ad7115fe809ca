using System.Globalization;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.IsoFlop;

namespace ScalingLab.Laws.Reports;

/// <summary>Budgets at which a report states the optimum.</summary>
public static class Budgets
{
    private const int MostOwn = 16;
    /// <summary>A budget counts as past the largest cost of the data above this multiple: means of equal costs differ by rounding.</summary>
    public const double Rounding = 1.0001;

    private const double Beyond = 100; // Hoffmann et al. extrapolate about this far past their largest runs.

    /// <summary>The data's own budgets when they come in a few, else the decades among them; then the decades up to 100 times beyond.</summary>
    public static IReadOnlyList<double> For(FitPoints points, double tolerance = 0.05)
    {
        (double low, double high) = (points.Flops.Min(), points.Flops.Max());
        double[] own = [.. IsoFlopFitter.Profiles(points, tolerance).Where(p => p.Parameters.Distinct().Count() >= IsoFlopOptions.FewestPoints).Select(p => p.Flops)];
        bool few = own.Length is >= 2 and <= MostOwn;
        var within = few ? own : Decades(low, high);
        return [.. within.Concat(Decades(high * Rounding, high * Beyond)).Distinct().Order()];
    }

    private static IEnumerable<double> Decades(double low, double high)
    {
        for (int k = (int)Math.Ceiling(Math.Log10(low) - 1e-9); k <= Math.Floor(Math.Log10(high) + 1e-9); k++)
            yield return double.Parse($"1e{k}", CultureInfo.InvariantCulture); // Math.Pow(10, 23) is one unit off 1e23.
    }
}
