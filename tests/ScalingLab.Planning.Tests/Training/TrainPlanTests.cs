using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Models;
using ScalingLab.Planning.Reference;
using ScalingLab.Planning.Training;

namespace ScalingLab.Planning.Tests.Training;

public class TrainPlanTests
{
    private static readonly CostOverrides Bare = new() { Utilization = 0.4, UsdPerHour = 4.5, UsdPerKwh = 0.10, ServerFactor = 1, PowerShare = 1, Pue = 1, KgPerKwh = 0.4 };

    [Fact]
    public void Seventy_billion_parameters_on_4096_H100_to_the_printed_digits()
    {
        var plan = TrainPlan.For(Dense(70e9), 1.4e12, CostRates.Resolve(Accelerator.Named("H100"), Bare), 4096, null);
        Assert.Equal(5.88e23, plan.Flops, tolerance: 1e9);
        Assert.Equal("4.1999813", Text(plan.Days, "0.0000000"));
        Assert.Equal("1.858", Text(plan.RentalUsd!.Value / 1e6, "0.000"));
        Assert.Equal("0.029", Text(plan.ElectricityUsd / 1e6, "0.000"));
        Assert.Equal("289.01247", Text(plan.EnergyMwh, "0.00000"));
        Assert.Equal("115.6", Text(plan.CarbonTonnes, "0.0"));
        Assert.Null(plan.Bands);
        Assert.True(plan.Memory!.Fits);
    }

    /// <summary>Patterson et al. 2021, arXiv:2104.10350, Table 4: 24.6 TFLOP/s and 330 W as measured.</summary>
    [Fact]
    public void The_energy_and_carbon_of_GPT_3_are_those_of_Patterson()
    {
        var rates = CostRates.Resolve(Accelerator.Named("V100"), new() { Utilization = 24.6 / 125, Watts = 330, ServerFactor = 1, PowerShare = 1, Pue = 1.10, KgPerKwh = 0.429 });
        var plan = TrainPlan.For(3.14e23, rates, 10_000, null);
        Assert.Equal("1,287.06", plan.EnergyMwh.ToString("N2", CultureInfo.InvariantCulture));
        Assert.Equal("552", Text(plan.CarbonTonnes, "0"));
    }

    [Fact]
    public void A_dense_model_of_1_8_T_parameters_on_1000_H100_to_the_printed_digits()
    {
        var plan = TrainPlan.For(Dense(1.8e12), 13e12, CostRates.Resolve(Accelerator.Named("H100"), Bare), 1000, null);
        Assert.Equal("1.404e26", Text(plan.Flops, "0.000e0"));
        Assert.Equal("4108", Text(plan.Days, "0"));
        Assert.Equal("443.6", Text(plan.RentalUsd!.Value / 1e6, "0.0"));
        Assert.Contains(plan.Warnings, w => w.Contains("years"));
    }

    /// <summary>With server, share of power and PUE the same run takes half as much energy again: 434 MWh.</summary>
    [Fact]
    public void The_default_power_is_that_of_the_building()
    {
        var plan = TrainPlan.For(Dense(70e9), 1.4e12, CostRates.Resolve(Accelerator.Named("H100"), new() { Utilization = 0.4 }), 4096, null);
        Assert.Equal("434", Text(plan.EnergyMwh, "0"));
    }

    [Fact]
    public void A_mixture_of_experts_costs_the_FLOPs_of_its_active_parameters_and_the_memory_of_all()
    {
        var rates = CostRates.Resolve(Accelerator.Named("H100"), Bare);
        var sparse = TrainPlan.For(new ModelSize(1.8e12, 280e9, TransformerShape.Guess(280e9), ModelSize.Guessed), 13e12, rates, 64, null);
        Assert.Equal(6 * 280e9 * 13e12, sparse.Flops, tolerance: 1e15);
        Assert.False(sparse.Memory!.Fits);
        Assert.True(TrainPlan.For(Dense(280e9), 13e12, rates, 64, null).Memory!.SmallestDevices < sparse.Memory.SmallestDevices);
        Assert.Contains(sparse.Warnings, w => w.StartsWith("it does not fit into 64"));
    }

    [Fact]
    public void Owned_hardware_is_written_off_by_a_third_a_year_with_a_fifth_for_the_network()
    {
        // Epoch AI's cost code: price · .14 · ln 10 a year of 8766 hours, interconnect .19/(1 − .19) of that.
        var rates = CostRates.Resolve(Accelerator.Named("H100"), new() { PurchaseUsd = 30_000, UsdPerKwh = 0 });
        double amortised = 30_000 * 0.3223619 / 8766;
        Assert.Equal(amortised * (1 + 0.19 / 0.81), rates.OwnedUsdPerHour!.Value, 1e-6);
        var plan = TrainPlan.For(1e24, rates, 1000, null);
        Assert.Equal(plan.AcceleratorHours * rates.OwnedUsdPerHour.Value, plan.OwnershipUsd!.Value, 1e-6 * plan.OwnershipUsd.Value);
    }

    [Fact]
    public void What_the_user_leaves_open_is_a_band_and_what_he_gives_is_not()
    {
        var open = TrainPlan.For(1e24, CostRates.Resolve(Accelerator.Named("H100"), new()), 1000, null);
        Assert.Equal(open.Days * 0.375 / 0.44, open.Bands!.Days[0], 1e-9);
        Assert.Equal(open.Days * 0.375 / 0.28, open.Bands.Days[1], 1e-9);
        Assert.Equal(open.Bands.AcceleratorHours[1] * 12.29, open.Bands.RentalUsd![1], 1e-3);
        var rented = TrainPlan.For(1e24, CostRates.Resolve(Accelerator.Named("H100"), new() { UsdPerHour = 2 }), 1000, null);
        Assert.Equal(rented.Bands!.AcceleratorHours[0] * 2, rented.Bands.RentalUsd![0], 1e-6);
    }

    [Fact]
    public void A_time_gives_the_accelerators_and_they_give_at_most_that_time()
    {
        var rates = CostRates.Resolve(Accelerator.Named("A100"), new());
        Prop.ForAll((from c in Gen.Choose(18, 27) from d in Gen.Choose(1, 400) select (Flops: Math.Pow(10, c), Days: d)).ToArbitrary(), x =>
        {
            var plan = TrainPlan.For(x.Flops, rates, null, x.Days);
            return plan.Days <= x.Days * (1 + 1e-9) && (plan.Count == 1 || TrainPlan.For(x.Flops, rates, plan.Count - 1, null).Days > x.Days * (1 - 1e-9));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(20240405, 1));
    }

    [Fact]
    public void An_unknown_rent_is_absent_and_said_so()
    {
        var plan = TrainPlan.For(1e24, CostRates.Resolve(Accelerator.Named("mi300x"), new()), 1000, null);
        Assert.Null(plan.RentalUsd);
        Assert.Contains("\"rentalUsd\": null", plan.ToJson());
        Assert.Contains(plan.Warnings, w => w.Contains("--usd-per-hour"));
    }

    [Theory, InlineData("plam", "did you mean 'palm'?"), InlineData("palm", "give --layers, --width, --heads, --context and --vocabulary, or --model")]
    public void A_convention_that_does_not_apply_is_refused_with_what_it_needs(string convention, string help) => Assert.Equal(help,
        Assert.Throws<UserErrorException>(() => TrainPlan.For(Dense(70e9), 1e12, CostRates.Resolve(Accelerator.Named("H100"), new()), 64, null, convention)).Diagnostics[0].Help);

    private static ModelSize Dense(double parameters) => new(parameters, parameters, TransformerShape.Guess(parameters), ModelSize.Guessed);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
