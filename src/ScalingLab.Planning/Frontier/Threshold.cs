using ScalingLab.Laws.Resampling;

namespace ScalingLab.Planning.Frontier;

/// <summary>A value that a trend may pass, known or log-normal.</summary>
/// <param name="Quantity">Which trend, by <see cref="FrontierQuantity.Name"/>.</param>
/// <param name="Name">What it is.</param>
/// <param name="Median">Its middle, in the quantity's unit.</param>
/// <param name="Low">5th percentile; equal to the median when it is known.</param>
/// <param name="High">95th percentile.</param>
/// <param name="Source">Where it is from.</param>
public sealed record Threshold(string Quantity, string Name, double Median, double Low, double High, string Source)
{
    private const double NormalQuantile95 = 1.6448536269514722;

    /// <summary>Natural logarithm of one draw: each side of the median has the spread of its own end.</summary>
    public double DrawLog(ref RandomStream random)
    {
        double z = random.NextNormal();
        return Math.Log(Median) + z / NormalQuantile95 * (z < 0 ? Math.Log(Median / Low) : Math.Log(High / Median));
    }
}

/// <summary>When a trend passes a threshold, if it goes on: a distribution of dates.</summary>
/// <param name="Threshold">The value.</param>
/// <param name="Middle">Median year; null when more than half of the draws never pass it.</param>
/// <param name="Low">Year at the lower end of the level.</param>
/// <param name="High">Year at the upper end; null when the draws that never pass it reach beyond it.</param>
/// <param name="Never">Share of draws that do not pass it within a century of the last model.</param>
public sealed record Crossover(Threshold Threshold, double? Middle, double? Low, double? High, double Never)
{
    private const double Horizon = 100; // years
    private const int DrawsOfThreshold = 8; // for each resample of the trend

    /// <summary>Dates over resamples of the trend and draws of the threshold.</summary>
    public static Crossover Of(GrowthTrend trend, Threshold threshold, double level, long seed)
    {
        var random = new RandomStream(seed, int.MaxValue); // apart from the streams of the resamples
        bool known = threshold.Low == threshold.High;
        var years = new List<double>();
        int never = 0;
        foreach ((double a, double b) in trend.Resamples)
        {
            for (int draw = 0; draw < (known ? 1 : DrawsOfThreshold); draw++)
            {
                double value = known ? Math.Log(threshold.Median) : threshold.DrawLog(ref random);
                double year = trend.Centre + (value - a) / b;
                if (b > 0 && year <= trend.Last + Horizon)
                    years.Add(year);
                else
                    never++;
            }
        }
        years.Sort();
        int all = years.Count + never;
        return new(threshold, At(0.5), At((1 - level) / 2), At((1 + level) / 2), all == 0 ? 1 : (double)never / all);

        double? At(double share)
        {
            double position = share * (all - 1);
            int below = (int)position;
            return all == 0 || below + 1 >= years.Count && position > years.Count - 1 ? null
                : below + 1 < years.Count ? years[below] + (position - below) * (years[below + 1] - years[below]) : years[below];
        }
    }
}
