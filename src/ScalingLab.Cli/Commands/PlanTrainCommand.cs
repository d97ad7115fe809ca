using System.CommandLine;
using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Planning.Reference;
using ScalingLab.Planning.Training;
using ScalingLab.Planning.Units;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab plan train</c>: time, money, energy and carbon of a training run.</summary>
internal static class PlanTrainCommand
{
    public static Command Create()
    {
        var model = new ModelOptions();
        var cost = new CostOptions();
        var tokens = QuantityOption.Of("--tokens", Dimension.Tokens, "Training tokens.");
        var flops = QuantityOption.Of("--flops", Dimension.Flops, "Training FLOPs instead of a model and tokens.");
        var count = QuantityOption.Of("--count", Dimension.Count, "Accelerators.");
        var days = QuantityOption.Of("--days", Dimension.Days, "Time to be ready, instead of --count.");
        var convention = new Option<string>("--convention") { Description = $"How FLOPs are counted: {string.Join(", ", TrainingFlops.Names)}.", DefaultValueFactory = _ => "6nd" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema scalinglab.plan.train/1)." };
        var command = new Command("train", "Days, accelerator-hours, money, energy and carbon of a training run, and whether it fits.") { tokens, flops, count, days, convention, json };
        foreach (var option in model.All.Concat(cost.All))
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            var rates = cost.Rates(parse, Accelerator.Named(parse.GetValue(cost.Accelerator) ?? throw CostOptions.Usage("--accelerator is missing", "give one, such as --accelerator h100")));
            int? devices = count.ReadWhole(parse);
            double? time = days.Read(parse);
            if (devices is null == time is null)
                throw CostOptions.Usage(devices is null ? "neither --count nor --days is given" : "--count and --days are both given", "give one of them: the other follows");
            var size = model.Read(parse);
            double? operations = flops.Read(parse), trained = tokens.Read(parse);
            TrainPlan plan;
            if (operations is { } given)
            {
                if (size is not null || trained is not null)
                    throw CostOptions.Usage("--flops and a model with tokens are both given", "give one of them");
                plan = TrainPlan.For(given, rates, devices, time);
            }
            else
            {
                if (size is null || trained is not { } d)
                    throw CostOptions.Usage(size is null ? "--params is missing" : "--tokens is missing", "give --params 70B --tokens 1.4T, or --flops 5.88e23");
                plan = TrainPlan.For(size, d, rates, devices, time, parse.GetValue(convention)!);
            }
            if (parse.GetValue(json))
                Console.Out.WriteLine(plan.ToJson());
            else
                Print(plan);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static void Print(TrainPlan plan)
    {
        Console.Out.WriteLine(PlanText.Text($"{(plan.Params is { } n ? $"{PlanText.Count(n)} parameters{(plan.ActiveParams < n ? $" ({PlanText.Count(plan.ActiveParams.Value)} active)" : "")} on {PlanText.Count(plan.Tokens!.Value)} tokens" : NumberTables.Number(plan.Flops) + " FLOPs")}, {plan.Count} x {plan.Accelerator}, utilization {plan.Utilization:0.###}"));
        var table = plan.Bands is null ? NumberTables.Table("", "plan") : NumberTables.Table("", "plan", "band");
        Row($"FLOPs ({plan.Convention})", NumberTables.Number(plan.Flops), "-");
        Row("days", Plain(plan.Days, "0.####"), PlanText.Band(plan.Bands?.Days, v => Plain(v, "0.##")));
        Row("accelerator-hours", PlanText.Count(plan.AcceleratorHours), PlanText.Band(plan.Bands?.AcceleratorHours, PlanText.Count));
        Row("rent (includes power)", PlanText.Usd(plan.RentalUsd), PlanText.Band(plan.Bands?.RentalUsd, v => PlanText.Usd(v)));
        Row("or owned: write-off, network, power", PlanText.Usd(plan.OwnershipUsd), PlanText.Band(plan.Bands?.OwnershipUsd, v => PlanText.Usd(v)));
        Row("  of which electricity", PlanText.Usd(plan.ElectricityUsd), PlanText.Band(plan.Bands?.ElectricityUsd, v => PlanText.Usd(v)));
        Row("purchase of the cluster", PlanText.Usd(plan.PurchaseUsd), "-");
        Row("energy", Plain(plan.EnergyMwh, "0.###") + " MWh", PlanText.Band(plan.Bands?.EnergyMwh, v => Plain(v, "0.#")));
        Row("carbon", Plain(plan.CarbonTonnes, "0.###") + " t CO2e", PlanText.Band(plan.Bands?.CarbonTonnes, v => Plain(v, "0.#")));
        if (plan.Memory is { } memory)
            Row("memory", memory.Layout is { } l ? PlanText.Text($"{PlanText.Bytes(memory.BytesPerDevice!.Value)} of {PlanText.Bytes(memory.UsableBytes)} a device (TP {l.Tensor}, PP {l.Pipeline}, DP {l.Data}, ZeRO {l.Zero})") : "does not fit", "-");
        Terminal.Out.Write(table);
        if (plan.Bands is not null)
            Console.Out.WriteLine($"band: {plan.Bands.Spreads}");
        if (plan.Conventions.Count > 1)
        {
            var conventions = NumberTables.Table("FLOPs by convention", "FLOPs", "of 6nd", "formula");
            foreach (var c in plan.Conventions)
                PlanText.Row(conventions, c.Name, NumberTables.Number(c.Flops), PlanText.Text($"{c.Flops / plan.Conventions[0].Flops:0.000}"), $"{c.Formula}; {c.Source}");
            Terminal.Out.Write(conventions);
        }
        PlanText.Assumptions(plan.Assumptions);
        PlanText.Lines("warning", plan.Warnings);

        static string Plain(double value, string format) => value is >= 0.01 and < 1e7 ? value.ToString(format, CultureInfo.InvariantCulture) : NumberTables.Number(value);

        void Row(string name, string value, string band) => PlanText.Row(table, plan.Bands is null ? [name, value] : [name, value, band]);
    }
}
