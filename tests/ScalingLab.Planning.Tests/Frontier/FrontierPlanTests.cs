using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Frontier;

namespace ScalingLab.Planning.Tests.Frontier;

public class FrontierPlanTests
{
    [Fact]
    public void Growth_without_scatter_is_found_exactly_and_its_factors_multiply()
    {
        using var models = PlantedModels.Growing(scatter: 0);
        var split = FrontierPlan.For(ModelTable.Read(models.Path), new FrontierOptions { Resamples = 50 }).Split!;
        Assert.Equal(PlantedModels.Duration, split.Duration, 2e-3); // months are not of one length
        Assert.Equal(PlantedModels.Chips, split.Chips, 3e-3);
        Assert.Equal(PlantedModels.Throughput, split.ThroughputPerChip, 3e-3);
        Assert.Equal(split.Compute, split.Duration * split.Chips * split.ThroughputPerChip, 1e-9);
        Assert.Equal(1, split.Factors.Values.Sum(f => f.Share), 1e-12);
    }

    /// <summary>90 % intervals hold the planted growth in about 90 % of tables: 54 of 60 expected, fewer than 47 or more than 59 has a chance below 1 in 300.</summary>
    [Fact]
    public void Intervals_hold_the_planted_growth_as_often_as_they_say()
    {
        double truth = PlantedModels.Duration * PlantedModels.Chips * PlantedModels.Throughput;
        int held = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            using var models = PlantedModels.Growing(scatter: 0.8, models: 48, seed);
            var trend = FrontierQuantity.Compute.Trend(ModelTable.Read(models.Path).Rows, FrontierQuantity.Compute.Usual, 400, seed)!;
            held += trend.GrowthInterval(0.9)!.Value.Contains(truth) ? 1 : 0;
        }
        Assert.InRange(held, 47, 59);
    }

    [Fact]
    public void A_known_threshold_is_dated_by_the_line_itself()
    {
        using var models = PlantedModels.Growing(scatter: 0);
        var trend = FrontierQuantity.Compute.Trend(ModelTable.Read(models.Path).Rows, FrontierQuantity.Compute.Usual, 200, 1)!;
        double value = trend.At(2030.25);
        Assert.Equal(2030.25, trend.YearOf(value)!.Value, 1e-9);
        var date = Crossover.Of(trend, new Threshold("compute", "x", value, value, value, ""), 0.9, 1);
        Assert.Equal(2030.25, date.Middle!.Value, 0.01);
        Assert.Equal(0, date.Never);
    }

    [Fact]
    public void A_wider_stock_gives_a_wider_span_of_dates_around_the_same_middle()
    {
        using var models = PlantedModels.Growing(scatter: 0.3);
        var trend = FrontierQuantity.Compute.Trend(ModelTable.Read(models.Path).Rows, FrontierQuantity.Compute.Usual, 1000, 1)!;
        double value = trend.At(2030);
        var known = Crossover.Of(trend, new Threshold("compute", "x", value, value, value, ""), 0.9, 1);
        var unsure = Crossover.Of(trend, new Threshold("compute", "x", value, value / 10, value * 10, ""), 0.9, 1);
        Assert.Equal(known.Middle!.Value, unsure.Middle!.Value, 0.1);
        double decade = Math.Log(10) / trend.Slope; // the ends of the threshold, carried to the dates
        Assert.InRange(unsure.High!.Value - unsure.Low!.Value, 1.8 * decade, 2.4 * decade);
        Assert.True(known.High - known.Low < 0.5 * decade);
    }

    [Fact]
    public void What_does_not_grow_never_passes_a_threshold()
    {
        using var models = new PlantedModels("publication_date,training_flop\n" + string.Concat(Enumerable.Range(0, 12).Select(i => FormattableString.Invariant($"{2010 + i},{1e22 / (i + 1):R}\n"))));
        var trend = FrontierQuantity.Compute.Trend(ModelTable.Read(models.Path).Rows, FrontierQuantity.Compute.Usual, 200, 1)!;
        var date = Crossover.Of(trend, new Threshold("compute", "x", 1e25, 1e25, 1e25, ""), 0.9, 1);
        Assert.Equal((null, null, 1), (date.Middle, date.High, date.Never));
        Assert.Null(trend.YearOf(1e25));
    }

    [Fact]
    public void Models_of_one_day_count_against_each_other_in_the_running_top()
    {
        using var models = new PlantedModels("name,publication_date,training_flop\na,2020-01-01,3\nb,2020-01-01,2\nc,2020-01-01,1\nd,2021-01-01,2.5\ne,2022-01-01,1.5\n");
        var rows = ModelTable.Read(models.Path).Rows;
        Assert.Equal(["a", "b", "d"], new ModelSubset(SubsetKind.RunningTop, 2010, Top: 2).Of(rows, m => m.Flops).Select(m => m.Name).Order());
    }

    [Fact]
    public void The_same_seed_gives_the_same_document_and_another_one_other_ends()
    {
        using var models = PlantedModels.Growing(scatter: 0.5);
        var table = ModelTable.Read(models.Path);
        string once = Json(1), again = Json(1), other = Json(2);
        Assert.Equal(once, again);
        Assert.NotEqual(once, other);

        string Json(long seed) => (FrontierPlan.For(table, new FrontierOptions { Resamples = 100, Seed = seed }) with { Seconds = 0, Seed = 0 }).ToJson();
    }

    [Fact]
    public void Contract_names_are_in_the_document()
    {
        using var models = PlantedModels.Growing(scatter: 0.5);
        using var json = System.Text.Json.JsonDocument.Parse(FrontierPlan.For(ModelTable.Read(models.Path), new FrontierOptions { Resamples = 100 }).ToJson());
        var compute = json.RootElement.GetProperty("growthPerYear").GetProperty("compute");
        Assert.Equal(2, compute.GetProperty("interval").GetArrayLength());
        Assert.Equal(60, compute.GetProperty("n").GetInt32());
        Assert.True(compute.GetProperty("value").GetDouble() > 1);
        foreach (string quantity in new[] { "duration", "cost", "power" })
            Assert.True(json.RootElement.GetProperty("growthPerYear").TryGetProperty(quantity, out _), quantity);
        Assert.True(json.RootElement.TryGetProperty("split", out _));
    }

    [Theory]
    [InlineData("publication_date,training_flop\n2020-01-01,abc\n2021-13-01,5\n", "training_flop is 'abc'")]
    [InlineData("publication_date,training_flop\n2020-01-01,-5\n", "training_flop is '-5'; it must be a number above 0")]
    [InlineData("publication_date,training_flop\n01/02/2020,5\n", "not a date")]
    [InlineData("published,training_flop\n2020-01-01,5\n", "no column 'publication_date'")]
    [InlineData("publication_date,training_flop\n2020-01-01,5\n", "no quantity has 5 models")]
    public void A_table_that_cannot_be_used_is_refused_with_the_reason(string text, string message)
    {
        using var models = new PlantedModels(text);
        var error = Assert.Throws<UserErrorException>(() => FrontierPlan.For(ModelTable.Read(models.Path), new FrontierOptions()));
        Assert.Equal(ExitCode.CorruptData, error.ExitCode);
        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData("power=5GW", 5e9, 5e9)]
    [InlineData("tokens=100T..1000T", 100e12, 1000e12)]
    [InlineData("energy=2 TWh", 2e12, 2e12)]
    [InlineData("compute=3640PF-day", 3640 * 8.64e19, 3640 * 8.64e19)]
    public void Thresholds_are_read_with_their_unit(string text, double low, double high)
    {
        var threshold = FrontierPlan.ThresholdFrom(text);
        Assert.Equal(low, threshold.Low, low * 1e-12);
        Assert.Equal(high, threshold.High, high * 1e-12);
    }

    [Theory]
    [InlineData("power=5MWh", "units that fit: W, kW, MW, GW, TW")]
    [InlineData("pwer=5GW", "did you mean 'power'?")]
    [InlineData("power=5GV", "did you mean 'GW'?")]
    [InlineData("power", "write power=5GW, compute=1e28FLOP, cost=10B or tokens=100T..1000T")]
    [InlineData("tokens=9T..2T", "write the lower end first")]
    public void A_wrong_threshold_names_what_fits(string text, string help) =>
        Assert.Equal(help, Assert.Throws<UserErrorException>(() => FrontierPlan.ThresholdFrom(text)).Diagnostics[0].Help);

    [Fact]
    public void Rated_scores_reach_a_threshold_when_their_line_does()
    {
        using var scores = new PlantedModels("model,date,reasoning,coding\n" + string.Concat(Enumerable.Range(0, 9).Select(i => FormattableString.Invariant($"m{i},{2016 + i},{20 + 5 * i},{10 + 4 * i}\n"))));
        var trends = ScoreTrend.Through(RatedModel.Read(scores.Path), 90, 300, 1, 0.9);
        Assert.Equal(["mean", "least"], trends.Select(t => t.Of));
        Assert.Equal(4.5, trends[0].PerYear, 1e-9);
        Assert.Equal(2016 + (90 - 15) / 4.5, trends[0].Middle!.Value, 1e-6);
        Assert.Equal(2016 + (90 - 10) / 4.0, trends[1].Middle!.Value, 1e-6);
    }
}
