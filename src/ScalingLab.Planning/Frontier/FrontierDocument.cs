using System.Text.Json;
using System.Text.Json.Serialization;

namespace ScalingLab.Planning.Frontier;

/// <summary>Growth of one quantity.</summary>
/// <param name="Value">Factor a year.</param>
/// <param name="Interval">Percentile interval over case resamples.</param>
/// <param name="N">Models.</param>
/// <param name="Subset">Which.</param>
/// <param name="Since">First year asked for.</param>
/// <param name="IntervalByStandardError">90 % interval from the standard error.</param>
/// <param name="DoublingMonths">Time to double; null when it does not grow.</param>
/// <param name="RSquared">Of the line through the logarithms.</param>
/// <param name="Last">Year of the last model.</param>
/// <param name="At2020">The trend at the start of 2020, in the quantity's unit.</param>
public sealed record GrowthDocument(double Value, double[] Interval, int N, string Subset, double Since, double[] IntervalByStandardError, double? DoublingMonths, double RSquared, double Last, double At2020);

/// <summary>A factor of the growth of compute.</summary>
/// <param name="Growth">Factor a year.</param>
/// <param name="Interval">Of the growth.</param>
/// <param name="Share">Of the logarithmic growth of compute.</param>
/// <param name="ShareInterval">Of that share.</param>
public sealed record SplitFactor(double Growth, double[] Interval, double Share, double[] ShareInterval);

/// <summary>Growth of compute = duration × chips × throughput a chip.</summary>
public sealed record SplitDocument(int N, double Compute, double[] ComputeInterval, double Duration, double Chips, double ThroughputPerChip, IReadOnlyDictionary<string, SplitFactor> Factors);

/// <summary>A trend carried on.</summary>
/// <param name="Quantity">Which.</param>
/// <param name="Unit">Of the values.</param>
/// <param name="Subset">Models of the trend.</param>
/// <param name="Growth">Factor a year of that trend.</param>
/// <param name="Years">Values by year, each with the interval of the line, not of single models.</param>
public sealed record ProjectionDocument(string Quantity, string Unit, string Subset, double Growth, IReadOnlyList<ProjectedYear> Years);

/// <summary>The trend in the middle of a year.</summary>
public sealed record ProjectedYear(int Year, double Value, double[] Interval);

/// <summary>When a trend passes a threshold, if it goes on.</summary>
/// <param name="Quantity">Which trend.</param>
/// <param name="Threshold">What it passes.</param>
/// <param name="Value">Its size, in <paramref name="Unit"/>.</param>
/// <param name="ValueInterval">5th and 95th percentile; null when the threshold is known.</param>
/// <param name="Unit">Of the value.</param>
/// <param name="Years">Lower end, median and upper end of the dates; null where that share never passes.</param>
/// <param name="Never">Share that does not pass within a century.</param>
/// <param name="Source">Of the threshold.</param>
public sealed record CrossoverDocument(string Quantity, string Threshold, double Value, double[]? ValueInterval, string Unit, double?[] Years, double Never, string Source);

/// <summary>User-rated scores carried on.</summary>
public sealed record CapabilityDocument(string Label, string Source, double Threshold, IReadOnlyList<ScoreTrend> Trends);

/// <summary>What <c>plan frontier --json</c> prints.</summary>
public sealed record FrontierDocument
{
    /// <summary>Format.</summary>
    public string Schema { get; init; } = "scalinglab.plan.frontier/1";

    /// <summary>The table.</summary>
    public required string Source { get; init; }

    /// <summary>Models in it that have a date.</summary>
    public required int Models { get; init; }

    /// <summary>compute, duration, cost and power; null for one with too few models.</summary>
    public required IReadOnlyDictionary<string, GrowthDocument?> GrowthPerYear { get; init; }

    /// <summary>Growth in other subsets, by name.</summary>
    public required IReadOnlyDictionary<string, GrowthDocument?> OtherSubsets { get; init; }

    /// <summary>Null when too few models report time, chips and compute.</summary>
    public required SplitDocument? Split { get; init; }

    /// <summary>Trends carried on.</summary>
    public required IReadOnlyList<ProjectionDocument> Projections { get; init; }

    /// <summary>Dates of thresholds.</summary>
    public required IReadOnlyList<CrossoverDocument> Crossovers { get; init; }

    /// <summary>User-rated scores; null without them.</summary>
    public required CapabilityDocument? Capability { get; init; }

    /// <summary>Level of intervals.</summary>
    public required double Level { get; init; }

    /// <summary>Case resamples of each trend.</summary>
    public required int Resamples { get; init; }

    /// <summary>Their seed.</summary>
    public required long Seed { get; init; }

    /// <summary>What the numbers assume.</summary>
    public required IReadOnlyList<string> Assumptions { get; init; }

    /// <summary>What a reader should know.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Time taken.</summary>
    public required double Seconds { get; init; }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FrontierJson.Default.FrontierDocument);
}

/// <summary>Serialisation generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(FrontierDocument))]
public sealed partial class FrontierJson : JsonSerializerContext;
