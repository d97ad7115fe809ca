using System.Diagnostics;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Laws.Resampling;
using ScalingLab.Planning.Claims;
using ScalingLab.Planning.DataStock;

namespace ScalingLab.Planning.Frontier;

/// <summary>What is asked of <c>plan frontier</c>.</summary>
public sealed record FrontierOptions
{
    /// <summary>The default: ends of a 95 % interval rest on 100 resamples each.</summary>
    public const int DefaultResamples = 4000;

    /// <summary>One subset for every trend; null for each trend's usual one.</summary>
    public (SubsetKind Kind, int Top)? Subset { get; init; }

    /// <summary>First year; null for each trend's usual one.</summary>
    public double? Since { get; init; }

    /// <summary>Leaves fine-tuned models out of every trend.</summary>
    public bool WithoutFineTuned { get; init; }

    /// <summary>Only models whose domain holds this word.</summary>
    public string? Domain { get; init; }

    /// <summary>Last year of projections.</summary>
    public int Until { get; init; } = 2032;

    /// <summary>Thresholds beside the usual ones.</summary>
    public IReadOnlyList<Threshold> Thresholds { get; init; } = [];

    /// <summary>Case resamples.</summary>
    public int Resamples { get; init; } = DefaultResamples;

    /// <summary>Seed.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Level of intervals.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>The subset of a quantity under these options.</summary>
    public ModelSubset For(ModelSubset usual) => usual with
    {
        Kind = Subset?.Kind ?? usual.Kind,
        Top = Subset?.Top ?? usual.Top,
        Since = Since ?? usual.Since,
        WithFineTuned = usual.WithFineTuned && !WithoutFineTuned,
        Domain = Domain ?? usual.Domain,
    };
}

/// <summary>Growth of training over the years, carried on.</summary>
public static class FrontierPlan
{
    private const double NormalQuantile95 = 1.6448536269514722;
    private const double JulianYearHours = 8766;

    /// <summary>Power thresholds: a large power station, and what all data centres of the United States drew on average.</summary>
    public static readonly IReadOnlyList<Threshold> UsualThresholds =
    [
        TokenStock.Published,
        new(FrontierQuantity.Power.Name, "1 GW, a large power station", 1e9, 1e9, 1e9, "round number"),
        new(FrontierQuantity.Power.Name, "all data centres of the USA in 2023", 176e12 / JulianYearHours, 176e12 / JulianYearHours, 176e12 / JulianYearHours, "176 TWh in 2023: LBNL, United States Data Center Energy Usage Report 2024; mean power over the year"),
    ];

    /// <summary>The document.</summary>
    /// <exception cref="UserErrorException">No trend can be drawn.</exception>
    public static FrontierDocument For(ModelTable table, FrontierOptions options, CapabilityDocument? capability = null)
    {
        var watch = Stopwatch.StartNew();
        var warnings = new List<string>();
        var trends = new Dictionary<FrontierQuantity, (ModelSubset Subset, GrowthTrend? Trend)>();
        foreach (var quantity in FrontierQuantity.All)
        {
            var subset = options.For(quantity.Usual);
            trends[quantity] = (subset, quantity.Trend(table.Rows, subset, options.Resamples, options.Seed));
            if (trends[quantity].Trend is null)
                warnings.Add(FormattableString.Invariant($"no trend of {quantity.Name}: fewer than {GrowthTrend.FewestPoints} models of '{subset.Name}' since {subset.Since:0.##} report it"));
        }
        if (trends.Values.All(t => t.Trend is null))
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0406", $"{table.Source}: no quantity has {GrowthTrend.FewestPoints} models to draw a trend through", Help: table.Missing.Count == 0 ? "loosen --since or --subset" : $"columns that it lacks: {string.Join(", ", table.Missing)}"));

        // Carried on: what grows at the frontier, whatever subset measures the growth of the field.
        var frontierCompute = options.For(FrontierQuantity.Compute.Usual with { Kind = SubsetKind.Frontier });
        var computeAtFrontier = options.Subset is null ? (frontierCompute, FrontierQuantity.Compute.Trend(table.Rows, frontierCompute, options.Resamples, options.Seed)) : trends[FrontierQuantity.Compute];
        var carried = trends.Where(t => t.Key != FrontierQuantity.Duration).ToDictionary(t => t.Key, t => t.Key == FrontierQuantity.Compute ? computeAtFrontier : t.Value);
        int from = (int)table.Rows.Max(r => r.Year) + 1;
        if (trends[FrontierQuantity.Tokens].Trend is { } tokens)
            warnings.Add(FormattableString.Invariant($"tokens are sizes of training sets, not distinct tokens of text: {tokens.Count} models, some counted in repeats"));
        return new FrontierDocument
        {
            Source = table.Source,
            Models = table.Rows.Count,
            GrowthPerYear = new[] { FrontierQuantity.Compute, FrontierQuantity.Duration, FrontierQuantity.Cost, FrontierQuantity.Power }.ToDictionary(q => q.Name, q => Growth(trends[q])),
            OtherSubsets = options.Subset is null ? Others() : new Dictionary<string, GrowthDocument?>(),
            Split = Split(),
            Projections = [.. carried.Where(c => c.Value.Item2 is not null).Select(c => Project(c.Key, c.Value.Item1, c.Value.Item2!, from, options))],
            Crossovers = [.. UsualThresholds.Concat(options.Thresholds).Select(Cross).OfType<CrossoverDocument>()],
            Capability = capability,
            Level = options.Level,
            Resamples = options.Resamples,
            Seed = options.Seed,
            Assumptions =
            [
                "growth: least squares of ln(quantity) on the date; intervals: percentiles of trends through models drawn with replacement",
                "carried on: the same exponential line, whatever limits it; intervals hold the line's error, not the spread of single models",
                "power is the whole cluster's, by the table's own estimate; energy is that power for all hours of training",
                "cost is in the table's dollars: amortised hardware and energy of the final run",
            ],
            Warnings = warnings,
            Seconds = watch.Elapsed.TotalSeconds,
        };

        GrowthDocument? Growth((ModelSubset Subset, GrowthTrend? Trend) of) => of.Trend is not { } t ? null : new(t.Growth, Ends(t.GrowthInterval(options.Level)), t.Count, of.Subset.Name, of.Subset.Since,
            Ends(t.GrowthByStandardError(NormalQuantile95)), t.Slope > 0 ? 12 * Math.Log(2) / t.Slope : null, t.RSquared, t.Last, t.At(2020));

        Dictionary<string, GrowthDocument?> Others()
        {
            (string Name, FrontierQuantity Quantity, ModelSubset Subset)[] others =
            [
                ("compute, frontier", FrontierQuantity.Compute, frontierCompute),
                ("compute, running top 10", FrontierQuantity.Compute, options.For(FrontierQuantity.Compute.Usual with { Kind = SubsetKind.RunningTop, Top = 10 })),
                ("duration, fine-tuned ones too", FrontierQuantity.Duration, options.For(FrontierQuantity.Duration.Usual with { WithFineTuned = true })),
            ];
            return others.ToDictionary(o => o.Name, o => Growth((o.Subset, o.Subset == computeAtFrontier.Item1 ? computeAtFrontier.Item2 : o.Quantity.Trend(table.Rows, o.Subset, options.Resamples, options.Seed))));
        }

        SplitDocument? Split()
        {
            var subset = options.Subset is null ? frontierCompute : options.For(FrontierQuantity.Compute.Usual);
            if (GrowthSplit.Of(table.Rows, subset, options.Resamples, options.Seed) is not { } split)
            {
                warnings.Add($"no split of the growth of compute: fewer than {GrowthTrend.FewestPoints} models of '{subset.Name}' report compute, time and chips");
                return null;
            }
            return new(split.Compute.Count, split.Compute.Growth, Ends(split.Compute.GrowthInterval(options.Level)), split.Duration.Growth, split.Chips.Growth, split.Throughput.Growth,
                new Dictionary<string, SplitFactor> { ["duration"] = Factor(split, split.Duration), ["chips"] = Factor(split, split.Chips), ["throughputPerChip"] = Factor(split, split.Throughput) });
        }

        SplitFactor Factor(GrowthSplit split, GrowthTrend factor) => new(factor.Growth, Ends(factor.GrowthInterval(options.Level)), split.Share(factor), Ends(split.ShareInterval(factor, options.Level)));

        CrossoverDocument? Cross(Threshold threshold)
        {
            var (quantity, (_, trend)) = carried.First(c => c.Key.Name == threshold.Quantity);
            if (trend is null)
                return null;
            var date = Crossover.Of(trend, threshold, options.Level, options.Seed);
            return new(quantity.Name, threshold.Name, threshold.Median, threshold.Low == threshold.High ? null : [threshold.Low, threshold.High], quantity.Unit, [date.Low, date.Middle, date.High], date.Never, threshold.Source);
        }
    }

    private static ProjectionDocument Project(FrontierQuantity quantity, ModelSubset subset, GrowthTrend trend, int from, FrontierOptions options) => new(quantity.Name, quantity.Unit, subset.Name, trend.Growth,
        [.. Enumerable.Range(from, Math.Max(0, options.Until - from + 1)).Select(y => new ProjectedYear(y, trend.At(y + 0.5), Ends(trend.IntervalAt(y + 0.5, options.Level))))]);

    // Empty without resamples.
    private static double[] Ends(Interval? interval) => interval is { } i ? [i.Low, i.High] : [];

    /// <summary>A threshold from the command line: <c>power=5GW</c>, <c>compute=1e28FLOP</c>, <c>tokens=100T..1000T</c>.</summary>
    /// <exception cref="UserErrorException">No such quantity, or a unit that does not fit it; the units that do are named.</exception>
    public static Threshold ThresholdFrom(string text)
    {
        string[] sides = text.Split('=', 2, StringSplitOptions.TrimEntries);
        var carried = FrontierQuantity.All.Where(q => q != FrontierQuantity.Duration).ToArray();
        if (sides.Length != 2)
            throw Usage($"--threshold '{text}' is not QUANTITY=VALUE", "write power=5GW, compute=1e28FLOP, cost=10B or tokens=100T..1000T");
        var quantity = Array.Find(carried, q => q.Name == sides[0]) ?? throw Usage($"--threshold: there is no trend of '{sides[0]}'", Suggestions.DidYouMean(sides[0], carried.Select(q => q.Name)) ?? $"trends: {string.Join(", ", carried.Select(q => q.Name))}");
        return ThresholdFrom("--threshold " + quantity.Name, quantity, sides[1]);
    }

    /// <summary>A value, or the 90 % interval of one as <c>LOW..HIGH</c>, for a quantity's unit.</summary>
    /// <param name="flag">What messages name.</param>
    /// <param name="quantity">Whose unit fits.</param>
    /// <param name="text">As given.</param>
    /// <exception cref="UserErrorException">It is none, or has a unit that does not fit; the units that do are named.</exception>
    public static Threshold ThresholdFrom(string flag, FrontierQuantity quantity, string text)
    {
        double[] ends = [.. text.Split("..", 2, StringSplitOptions.TrimEntries).Select(Value)];
        if (ends is [var low, var high] && !(low < high))
            throw Usage($"{flag} '{text}': the range is empty", "write the lower end first");
        return ends.Length == 1 ? new(quantity.Name, text, ends[0], ends[0], ends[0], "given") : new(quantity.Name, text, Math.Sqrt(ends[0] * ends[1]), ends[0], ends[1], "given: 90 % interval of a log-normal");

        double Value(string value)
        {
            try
            {
                double size = QuantityFormula.Parse(value, quantity.Unit);
                return size > 0 ? size : throw Usage($"{flag} '{value}' is not above 0", null);
            }
            catch (ExpressionException e)
            {
                throw Usage($"{flag}: {e.Message}", e.Help);
            }
        }
    }

    private static UserErrorException Usage(string message, string? help) => new(ExitCode.Usage, new Diagnostic("SL0142", message, Help: help));
}
