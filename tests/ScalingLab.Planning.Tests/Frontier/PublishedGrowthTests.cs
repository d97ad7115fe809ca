using ScalingLab.Planning.Frontier;

namespace ScalingLab.Planning.Tests.Frontier;

/// <summary>Growth on Epoch AI's notable models, against an independent fit of the same file (log-linear least squares, bootstrap of 2000).</summary>
public class PublishedGrowthTests
{
    // An end of a 95 % interval moves by about .013 (standard deviation) between bootstraps of 2000.
    private const double EndTolerance = 0.04;

    private static readonly Lazy<FrontierDocument> Document = new(() => FrontierPlan.For(ModelTable.Read(Path.Combine(PublishedData.Folder!, "epoch_notable_models.csv")), new FrontierOptions { Resamples = 4000 }));

    [PublishedFact]
    public void Growth_is_the_published_one_to_the_printed_digits()
    {
        Check("compute", 4.32, 3.97, 4.73, 453);
        Check("duration", 1.25, 1.18, 1.33, 192);
        Check("cost", 2.93, 2.57, 3.36, 47);
        Check("power", 2.40, 2.13, 2.81, 35);

        static void Check(string quantity, double growth, double low, double high, int n) => Compare(Document.Value.GrowthPerYear[quantity], growth, low, high, n);
    }

    [PublishedFact]
    public void Other_subsets_are_the_published_ones()
    {
        Compare(Document.Value.OtherSubsets["compute, frontier"], 4.61, 4.33, 4.89, 71);
        Compare(Document.Value.OtherSubsets["compute, running top 10"], 4.85, 4.57, 5.12, 123);
        Compare(Document.Value.OtherSubsets["duration, fine-tuned ones too"], 1.20, 1.14, 1.28, 221);
    }

    [PublishedFact]
    public void Ninety_percent_by_the_standard_error_and_the_share_explained_are_the_published_ones()
    {
        var compute = Document.Value.GrowthPerYear["compute"]!;
        Assert.Equal([3.97, 4.71], compute.IntervalByStandardError.Select(v => Math.Round(v, 2)));
        Assert.Equal(0.64, compute.RSquared, 0.005);
        Assert.Equal(0.97, Document.Value.OtherSubsets["compute, frontier"]!.RSquared, 0.005);
    }

    [PublishedFact]
    public void Frontier_growth_splits_into_duration_chips_and_throughput()
    {
        var split = Document.Value.Split!;
        Assert.Equal(33, split.N);
        Assert.Equal((4.78, 1.24, 1.96, 1.96), (Math.Round(split.Compute, 2), Math.Round(split.Duration, 2), Math.Round(split.Chips, 2), Math.Round(split.ThroughputPerChip, 2)));
        Assert.Equal((0.14, 0.43, 0.43), (Math.Round(split.Factors["duration"].Share, 2), Math.Round(split.Factors["chips"].Share, 2), Math.Round(split.Factors["throughputPerChip"].Share, 2)));
    }

    /// <summary>Villalobos et al. 2024, arXiv:2211.04325v2: used up between 2026 and 2032.</summary>
    [PublishedFact]
    public void The_stock_of_text_is_used_up_in_the_published_span()
    {
        var date = Document.Value.Crossovers.Single(c => c.Quantity == "tokens");
        Assert.Equal((300e12, 100e12, 1000e12), (date.Value, date.ValueInterval![0], date.ValueInterval[1]));
        Assert.InRange(date.Years[0]!.Value, 2026, date.Years[1]!.Value);
        Assert.InRange(date.Years[2]!.Value, date.Years[1]!.Value, 2032);
    }

    private static void Compare(GrowthDocument? actual, double growth, double low, double high, int n)
    {
        Assert.NotNull(actual);
        Assert.Equal(n, actual.N);
        Assert.Equal(growth, Math.Round(actual.Value, 2));
        Assert.Equal(low, actual.Interval[0], EndTolerance);
        Assert.Equal(high, actual.Interval[1], EndTolerance + (n < 100 ? 0.03 : 0)); // few points: wider tails
    }
}
