namespace ScalingLab.Laws.IsoFlop;

/// <summary>How far losses scatter about a smooth curve, without choosing the curve.</summary>
public static class ProfileNoise
{
    private const double NormalMedian = 0.6745; // Median of |z|. The mean square would be ruled by steep ends that no cubic follows.

    /// <summary>Standard deviation of a single loss, nats; 0 without a budget of five sizes.</summary>
    /// <remarks>
    /// Each loss is compared with the cubic through its two neighbours on either side, its square is divided by its expectation
    /// under unit noise, 1 + Σ weight², and the median stands for all. The idea is that of Gasser, Sroka and Jennen-Steinmetz 1986, doi:10.1093/biomet/73.3.625,
    /// with a cubic in place of their line, since a budget's sizes lie far apart.
    /// </remarks>
    public static double Estimate(IEnumerable<IsoFlopProfile> profiles)
    {
        var squares = new List<double>();
        foreach (var profile in profiles)
        {
            var sizes = profile.Parameters.Zip(profile.Loss).GroupBy(p => p.First).OrderBy(g => g.Key).Select(g => (T: Math.Log(g.Key), Loss: g.Average(p => p.Second))).ToArray();
            for (int i = 2; i + 2 < sizes.Length; i++)
                squares.Add(Square(sizes, i));
        }
        squares.Sort();
        return squares.Count == 0 ? 0 : Math.Sqrt(squares[squares.Count / 2]) / NormalMedian;
    }

    private static double Square((double T, double Loss)[] sizes, int i)
    {
        ReadOnlySpan<int> neighbours = [i - 2, i - 1, i + 1, i + 2];
        double predicted = 0, variance = 1;
        foreach (int k in neighbours)
        {
            double weight = 1; // Lagrange's basis at point i
            foreach (int j in neighbours)
                weight *= j == k ? 1 : (sizes[i].T - sizes[j].T) / (sizes[k].T - sizes[j].T);
            predicted += weight * sizes[k].Loss;
            variance += weight * weight;
        }
        double difference = sizes[i].Loss - predicted;
        return difference * difference / variance;
    }
}
