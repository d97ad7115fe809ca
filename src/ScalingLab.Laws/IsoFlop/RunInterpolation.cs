using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.IsoFlop;

/// <summary>Profiles from runs observed along the way, whose costs need not meet: each run's loss is interpolated at common budgets.</summary>
/// <remarks>As Porian et al. 2024, arXiv:2406.19146, read isoFLOP profiles off training curves. Linear in ln loss and ln D against ln C, never beyond a run's ends.</remarks>
public static class RunInterpolation
{
    private const double Ratio = 2; // Between budgets, as in that paper.

    /// <summary>Budgets a factor of two apart below the largest cost, where at least three sizes have runs that pass them.</summary>
    public static IEnumerable<IsoFlopProfile> Budgets(FitPoints points)
    {
        int[][] runs = [.. Enumerable.Range(0, points.Count)
            .GroupBy(i => (points.Clusters[i], points.Parameters[i]))
            .Select(g => g.OrderBy(i => points.Flops[i]).ToArray())
            .Where(g => g.Length > 1 && points.Flops[g[^1]] > points.Flops[g[0]])];
        if (runs.Length == 0)
            yield break;
        double low = points.Flops.Min(), high = runs.Max(r => points.Flops[r[^1]]);
        int steps = (int)Math.Min(100, Math.Floor(Math.Log(high / low, Ratio)));
        for (int k = steps; k >= 0; k--)
        {
            double flops = high / Math.Pow(Ratio, k);
            var met = runs.Where(r => points.Flops[r[0]] <= flops && points.Flops[r[^1]] >= flops).Select(r => At(points, r, flops)).OrderBy(p => p.N).ThenBy(p => p.Loss).ToArray();
            if (met.Select(p => p.N).Distinct().Count() < IsoFlopOptions.FewestPoints)
                continue;
            yield return new IsoFlopProfile { Flops = flops, Parameters = [.. met.Select(p => p.N)], Tokens = [.. met.Select(p => p.D)], Loss = [.. met.Select(p => p.Loss)] };
        }
    }

    private static (double N, double D, double Loss) At(FitPoints points, int[] run, double flops)
    {
        int after = Math.Max(1, Array.FindIndex(run, k => points.Flops[k] >= flops)); // Found: the run's last cost is at least this.
        int i = run[after - 1], j = run[after];
        double span = Math.Log(points.Flops[j] / points.Flops[i]);
        double share = span == 0 ? 0 : Math.Log(flops / points.Flops[i]) / span;
        return (points.Parameters[i], Between(points.Tokens), Between(points.Loss));

        double Between(double[] values) => Math.Exp((1 - share) * Math.Log(values[i]) + share * Math.Log(values[j]));
    }
}
