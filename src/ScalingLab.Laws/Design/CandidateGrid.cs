using ScalingLab.Laws.Conventions;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Design;

/// <summary>Where further runs may lie.</summary>
/// <param name="Parameters">Least and largest N.</param>
/// <param name="Tokens">Least and largest D.</param>
/// <param name="TokensPerParameter">Least and largest D/N.</param>
/// <param name="PointsPerRun">Observations of a run: 1, or several on the way where one run yields them.</param>
/// <param name="PointRatio">Factor between the D of neighbouring observations of a run.</param>
public sealed record CandidateBounds((double Low, double High) Parameters, (double Low, double High) Tokens, (double Low, double High) TokensPerParameter, int PointsPerRun, double PointRatio)
{
    /// <summary>The data's own ranges, N and D up to some times their largest; trunks where the data have them.</summary>
    /// <remarks>Not below the least N or D: a design goes to the corners it is given, and runs shorter than those tried are still in their warmup.</remarks>
    public static CandidateBounds Of(FitPoints points, double reach)
    {
        double[] ratios = [.. points.Tokens.Zip(points.Parameters, (d, n) => d / n)];
        var trunks = TrunkPattern(points);
        return new(Raised(points.Parameters), Raised(points.Tokens), (ratios.Min(), ratios.Max()), trunks.Points, trunks.Ratio);

        (double, double) Raised(double[] values) => (values.Min(), values.Max() * reach);
    }

    // Median number of observations of a run, and median ratio between neighbours.
    private static (int Points, double Ratio) TrunkPattern(FitPoints points)
    {
        double[][] runs = [.. Enumerable.Range(0, points.Count).GroupBy(i => (points.Runs[i], points.Parameters[i])).Select(g => g.Select(i => points.Tokens[i]).Distinct().Order().ToArray())];
        int[] sizes = [.. runs.Select(r => r.Length).Order()];
        double[] gaps = [.. runs.SelectMany(r => r.Zip(r.Skip(1), (a, b) => b / a)).Order()];
        int median = sizes[sizes.Length / 2];
        return median < 2 || gaps.Length == 0 ? (1, 1) : (median, gaps[gaps.Length / 2]);
    }
}

/// <summary>The runs to choose among: a grid even in ln N and ln D within the bounds, each at its cost.</summary>
public static class CandidateGrid
{
    private const int Steps = 24; // A choice between neighbours, 10 to 50 % apart, changes a standard error by a percent at most.

    /// <summary>The grid; the models' own N where they are given.</summary>
    /// <param name="bounds">Bounds.</param>
    /// <param name="cost">What a token costs.</param>
    /// <param name="models">Sizes that can be built; null for an even grid.</param>
    public static IReadOnlyList<CandidateRun> Of(CandidateBounds bounds, CostLaw cost, IReadOnlyList<double>? models = null)
    {
        var sizes = models ?? Even(bounds.Parameters, Steps);
        return
        [
            .. from n in sizes
               where n >= bounds.Parameters.Low && n <= bounds.Parameters.High
               from d in Even(bounds.Tokens, Steps)
               where d / n >= bounds.TokensPerParameter.Low && d / n <= bounds.TokensPerParameter.High
               select Run(bounds, cost, n, d),
        ];
    }

    /// <summary>Runs on a grid even in ln N and ln D, whose largest D is lowered until they cost the budget: what one trains without a design.</summary>
    public static IReadOnlyList<CandidateRun> Uniform(CandidateBounds bounds, CostLaw cost, double budgetFlops, int runs)
    {
        int wide = (int)Math.Ceiling(Math.Sqrt(runs)), high = (runs + wide - 1) / wide;
        (double low, double top) = (0, Math.Log(bounds.Tokens.High / bounds.Tokens.Low));
        for (int i = 0; i < 60; i++)
        {
            double middle = (low + top) / 2;
            (low, top) = At(middle).Sum(r => r.Flops) <= budgetFlops ? (middle, top) : (low, middle);
        }
        var grid = At(low);
        return grid.Sum(r => r.Flops) <= budgetFlops ? grid : [];

        CandidateRun[] At(double span) =>
        [
            .. (from n in Even(bounds.Parameters, wide)
                from d in Even((bounds.Tokens.Low, bounds.Tokens.Low * Math.Exp(span)), high)
                select Run(bounds, cost, n, d)).Take(runs),
        ];
    }

    private static CandidateRun Run(CandidateBounds bounds, CostLaw cost, double n, double d) =>
        new(n, [.. Enumerable.Range(0, bounds.PointsPerRun).Select(k => d / Math.Pow(bounds.PointRatio, bounds.PointsPerRun - 1 - k)).Where((at, k) => k == bounds.PointsPerRun - 1 || at >= bounds.Tokens.Low)], cost.Coefficient * Math.Pow(n, cost.Exponent) * d);

    private static double[] Even((double Low, double High) range, int steps) =>
        [.. Enumerable.Range(0, steps).Select(i => steps == 1 ? Math.Sqrt(range.Low * range.High) : range.Low * Math.Pow(range.High / range.Low, i / (steps - 1.0))).Distinct()];
}
