using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Tests;

/// <summary>A made-up study from a known law: a few points, so that approved figures stay small.</summary>
internal static class SmallStudy
{
    public const string HostileName = "</script><b>run</b> & \"quoted\" \u0001 ]]>";

    public static double Law(double n, double d) => 1.2 + 25 / Math.Pow(n, 0.3) + 90 / Math.Pow(d, 0.35);

    public static IReadOnlyList<ScalingPoint> Points() =>
    [
        Point("small-short", 1e5, 2e6, 1.01), Point("small-long", 1e5, 2e7, 0.995), Point("large-short", 1e6, 2e6, 0.99), Point("large-long", 1e6, 2e7, 1.0),
        Point("left-out", 3e5, 5e6, 1.02) with { InFit = false },
    ];

    public static IReadOnlyList<LossCurve> Curves() => [Curve("a", 1e5, 4), Curve("b", 1e6, 4), Curve("c", 3e6, 3) with { Diverged = true }];

    public static IReadOnlyList<IsoFlopProfile> Profiles()
    {
        double Parabola(double n) => 3 + Math.Pow(Math.Log10(n) - 5.5, 2);
        return
        [
            new(1e15, [(1e5, 3.26), (3e5, 3.0), (1e6, 3.24)], Parabola, (Math.Pow(10, 5.5), 3)),
            new(1e16, [(3e5, 2.9), (1e6, 2.7)], null, null, "2 sizes, 3 are needed"),
        ];
    }

    public static IReadOnlyList<OptimumPoint> Optima() =>
        [.. new[] { 1e15, 1e16, 1e17 }.Select(c => new OptimumPoint(c, Math.Sqrt(c / 120), Math.Sqrt(c / 120) * 20, 3 - Math.Log10(c) / 20, (0.8 * Math.Sqrt(c / 120), 1.2 * Math.Sqrt(c / 120)), (15 * Math.Sqrt(c / 120), 25 * Math.Sqrt(c / 120))))];

    public static IReadOnlyList<Figure> Figures() =>
    [
        new LossCurves(Curves()), new IsoFlopProfiles(Profiles()), new FittedSurface(Points(), Law), new Residuals(Points(), Law), new ComputeOptimal(Optima(), (1e15, 1e16), (0.5, 0.5)),
    ];

    private static ScalingPoint Point(string run, double n, double d, double factor) => new(run, n, d, 6 * n * d, factor * Law(n, d));

    private static LossCurve Curve(string run, double n, int points) =>
        new(run, n, [.. Enumerable.Range(1, points).Select(i => (6 * n * 1e6 * i, Law(n, 1e6 * i)))]);
}
