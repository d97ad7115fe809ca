using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Intervals;

/// <summary>Where the observed loss of a run that has not been made yet will lie: the law's own uncertainty, and the noise of one observation about the law.</summary>
/// <remarks>The quantiles of L_b·exp(e_i), or L_b + e_i on a raw scale, over all pairs of a resampled loss L_b and a residual e_i of the fit: Davison and Hinkley 1997, doi:10.1017/CBO9780511802843, Sec. 6.3.3, without the Monte Carlo.</remarks>
public static class NewRun
{
    private const int Halvings = 60;

    /// <summary>Prediction interval.</summary>
    /// <param name="losses">Losses that the resampled laws predict there; those that are not finite are left out.</param>
    /// <param name="noise">Noise of one observation, observed less predicted, on the scale: see <see cref="RunNoise"/>.</param>
    /// <param name="scale">Scale of the noise.</param>
    /// <param name="level">Share of new runs that shall fall into it, above 0 and below 1.</param>
    /// <returns>Null without losses or noise.</returns>
    public static Interval? Prediction(IEnumerable<double> losses, double[] noise, ResidualScale scale, double level)
    {
        bool log = scale == ResidualScale.Log;
        double[] sorted = [.. losses.Where(l => double.IsFinite(l) && (!log || l > 0)).Select(l => log ? Math.Log(l) : l).Order()];
        if (sorted.Length == 0 || noise.Length == 0)
            return null;
        double low = Quantile(sorted, noise, (1 - level) / 2), high = Quantile(sorted, noise, (1 + level) / 2);
        return log ? new(Math.Exp(low), Math.Exp(high)) : new(low, high);
    }

    // The value below which a share of all sums l_b + e_i lies, by halving.
    private static double Quantile(double[] sorted, double[] noise, double share)
    {
        double low = sorted[0] + noise.Min(), high = sorted[^1] + noise.Max(), wanted = share * sorted.Length * noise.Length;
        for (int k = 0; k < Halvings && low < high; k++)
        {
            double middle = (low + high) / 2;
            long below = 0;
            foreach (double e in noise)
                below += CountAtMost(sorted, middle - e);
            if (below < wanted)
                low = middle;
            else
                high = middle;
        }
        return high;
    }

    private static int CountAtMost(double[] sorted, double value)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sorted[middle] <= value)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
