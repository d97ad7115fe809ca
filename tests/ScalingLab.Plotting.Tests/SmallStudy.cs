using ScalingLab.Laws.Reports;
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

    /// <summary>Those of a report.</summary>
    /// <summary>Of ratios m times the optimum's: ln(m)² of loss, and a model of the same loss that takes 1 + ln(m)²/10 times the FLOPs.</summary>
    public static IReadOnlyList<TradeOffPoint> TradeOff() => [.. new[] { 0.25, 0.5, 1, 2, 4, 8, 16 }.Select(m => new TradeOffPoint(20 * m, 0.01 * Math.Pow(Math.Log(m), 2), m > 8 ? null : 1 + 0.1 * Math.Pow(Math.Log(m), 2), m > 1 ? 1e8 * m : null))];

    public static IReadOnlyList<Figure> ReportFigures() =>
    [
        new LossCurves(Curves()), new IsoFlopProfiles(Profiles()), new FittedSurface(Points(), Law), new Residuals(Points(), Law), new ComputeOptimal(Optima(), (1e15, 1e16), (0.5, 0.5)),
    ];

    public static IReadOnlyList<Figure> Figures() =>
    [
        .. ReportFigures(),
        new BacktestErrors(Backtest()), new LikelihoodProfiles(Profiled(), 0.95, 3.841), new ExponentsByConvention(Conventions()), new Roofline([new("square 512", 85, 9e10), new("qkv", 46, 1.1e11), new("qkv, inputGradient", 46, 1e11), new("head, weightGradient", 49, 9.5e10), new("step", 6, 3e10)], 1.2e11, 1e10),
        new CoverageCurves([new("easy", [(1, 0.4), (10, 0.7), (100, 0.9)], k => Math.Exp(-0.9 * Math.Pow(k, -0.5))), new("hard", [(1, 0.02), (100, 0.3)])]),
        new CostAndEnergy([new(1e20, (1e3, 5e2, 3e3), (2, 1, 3)), new(1e22, (1e5, 5e4, 3e5), (200, 100, 300))], "Made up."),
        new FrontierGrowth([new("a", 2012.5, 1e17), new("b", 2016.2, 1e20, false), new("c", 2020.1, 3e23), new("d", 2023.9, 2e25)], "Training compute (FLOPs)", (4.4, 4, 4.9), 22.5),
        new OverTrainingTradeOff(TradeOff(), 20, "small-study, around 1 M parameters on 20 M tokens"),
    ];

    public static BacktestDocument Backtest()
    {
        ErrorsDocument Errors(double median) => new(2, median, 2 * median, 0);
        LawBacktestDocument Law(string name, double median) => new(name, 5, null, null, null, Errors(median), [new(1.5, 3, Errors(median)), new(20, 40, Errors(3 * median))],
            [new(1e15, 4, 2, 30, true, null, 0.001, Errors(median), null, [new(5, 2e15, 1e6, 1e7, 2, 3, 3.01, median / 2), new(6, 3e16, 1e6, 1e8, 30, 2.9, 3, -4 * median)])]);
        return new BacktestDocument
        {
            Observations = 6, Count = "total", Objective = "log-huber", Delta = 1e-3, Asymmetry = null, Laws = [Law("chinchilla", 0.004), Law("kaplan-nd", 0.02)],
            BestByAicc = "chinchilla", BestByHeldOut = "chinchilla", Warnings = [], Seconds = 0.1,
        };
    }

    public static IReadOnlyList<LikelihoodProfile> Profiled() =>
    [
        new("alpha", [(0.30, 9), (0.32, 3), (0.34, 0), (0.36, 3), (0.38, 9)], 0.34, 0.316, 0.364),
        new("rd", [(5, 8), (15, 1), (50, 0), (200, 1), (1000, 1.5)], 50, 9, null),
    ];

    public static IReadOnlyList<ConventionExponent> Conventions() =>
        [new("N total, C = 6ND", 0.51, (0.47, 0.55)), new("N without embeddings, C = 6ND", 0.71, (0.66, 0.75)), new("N with head, measured FLOPs", null, null, "no FLOPs in the data")];

    private static ScalingPoint Point(string run, double n, double d, double factor) => new(run, n, d, 6 * n * d, factor * Law(n, d));

    private static LossCurve Curve(string run, double n, int points) =>
        new(run, n, [.. Enumerable.Range(1, points).Select(i => (6 * n * 1e6 * i, Law(n, 1e6 * i)))]);
}
