using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Inference;
using ScalingLab.Planning.Models;
using ScalingLab.Planning.Reference;
using ScalingLab.Planning.Training;

namespace ScalingLab.Planning.Tests.Inference;

public class InferPlanTests
{
    private static readonly CostRates A100 = CostRates.Resolve(Accelerator.Named("A100"), new() { Utilization = 0.6, UsdPerHour = 2.5 });
    private static readonly ModelSize Llama70 = ModelSize.Named("llama-3-70b");

    [Fact]
    public void The_naive_cost_of_a_dense_model_of_1_8_T_to_the_printed_digits()
    {
        var naive = InferPlan.NaiveCost(1.8e12, 100e9, A100);
        Assert.Equal(22258, naive.Accelerators);
        Assert.Equal("40.1", (naive.UsdPerMonth!.Value / 1e6).ToString("0.0", CultureInfo.InvariantCulture));
        Assert.Equal("13.35", naive.UsdPerMillionTokens!.Value.ToString("0.00", CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Decoding_costs_more_than_the_naive_answer_and_the_plan_says_why()
    {
        var plan = InferPlan.For(new(1.8e12, 1.8e12, TransformerShape.Guess(1.8e12), ModelSize.Guessed), A100, new() { TokensPerDay = 100e9 });
        Assert.Equal(45, plan.AcceleratorsForWeights); // 3.6 TB
        Assert.True(plan.Cost!.Accelerators > plan.Naive!.Accelerators);
        Assert.Equal("bandwidth", plan.Decode.Bound);
        Assert.Equal("compute", plan.Prefill.Bound);
        Assert.Contains(plan.Why, w => w.Contains("bandwidth-bound"));
    }

    /// <summary>2 · 80 layers · 8 heads · 128 · 2 bytes: grouped queries keep an eighth of 64 heads.</summary>
    [Fact]
    public void The_cache_counts_keys_and_values_of_the_grouped_heads() => Assert.Equal(327_680, KvCache.BytesPerToken(Llama70.Shape, 2));

    [Theory, InlineData("a100", 153), InlineData("h100", 295)]
    public void Decoding_turns_from_bandwidth_to_compute_at_the_ridge(string name, double ridge)
    {
        var rates = CostRates.Resolve(Accelerator.Named(name), new() { Utilization = 1 });
        var roofline = new Roofline(Llama70, 8, rates.Peak.Value, rates.Accelerator.BytesPerSecond, 2, 2);
        Assert.Equal(ridge, roofline.CrossoverBatch, 0.5);
        Assert.Equal("bandwidth", roofline.Decode(ridge - 1, 0).Bound);
        Assert.Equal("compute", roofline.Decode(ridge + 1, 0).Bound);
    }

    [Fact]
    public void A_larger_batch_is_never_slower_in_all_and_never_faster_for_one()
    {
        var roofline = new Roofline(Llama70, 8, A100.Achieved.Value, 1.4e12, 2, 2);
        Prop.ForAll((from b in Gen.Choose(1, 500) from c in Gen.Choose(0, 8192) select (b, c)).ToArbitrary(), x =>
        {
            double one = roofline.Decode(x.b, x.c).Seconds, more = roofline.Decode(x.b + 1, x.c).Seconds;
            return more >= one && (x.b + 1) / more >= x.b / one * (1 - 1e-12);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(20240405, 1));
    }

    /// <summary>Mixtral: two of eight experts a token, so that one token reads 12.9 of 46.7 billion weights and a large batch all.</summary>
    [Fact]
    public void A_batch_reads_the_experts_that_its_tokens_choose()
    {
        var model = ModelSize.Named("mixtral-8x7b");
        Assert.Equal(model.ActiveParameters, model.ParametersRead(1), 1);
        Assert.Equal(model.Parameters, model.ParametersRead(200), 1e-6 * model.Parameters);
        Assert.InRange(model.ParametersRead(2), 1.5 * model.ActiveParameters, 2 * model.ActiveParameters);
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_what_does()
    {
        var small = Assert.Throws<UserErrorException>(() => InferPlan.For(Llama70, A100, new() { Group = 1 }));
        Assert.StartsWith("give --accelerators-per-copy 2 or more", small.Diagnostics[0].Help);
        var crowded = Assert.Throws<UserErrorException>(() => InferPlan.For(Llama70, A100, new() { Group = 2, Batch = 1000 }));
        Assert.Matches("give --batch [0-9]+ or less", crowded.Diagnostics[0].Help);
    }
}
