using System.CommandLine;
using ScalingLab.Core;
using ScalingLab.Planning.Inference;
using ScalingLab.Planning.Reference;
using ScalingLab.Planning.Units;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab plan infer</c>: speed, memory and cost of serving a model.</summary>
internal static class PlanInferCommand
{
    public static Command Create()
    {
        var model = new ModelOptions();
        var cost = new CostOptions();
        var traffic = QuantityOption.Of("--tokens-per-day", Dimension.TokensPerDay, "Traffic, prompts and answers together.");
        var prompt = QuantityOption.Of("--prompt-tokens", Dimension.Tokens, "Tokens of a prompt. Default 1024.");
        var output = QuantityOption.Of("--output-tokens", Dimension.Tokens, "Tokens of an answer. Default 256.");
        var batch = QuantityOption.Of("--batch", Dimension.Count, "Sequences decoded together. Default: as many as memory holds, at most 256.");
        var group = QuantityOption.Of("--accelerators-per-copy", Dimension.Count, "Accelerators that hold one copy. Default: the least power of 2.");
        var weights = new Option<double>("--weight-bits") { Description = "Bits a weight.", DefaultValueFactory = _ => 16 };
        var cache = new Option<double>("--kv-bits") { Description = "Bits a cached value.", DefaultValueFactory = _ => 16 };
        var bandwidth = QuantityOption.Of("--bandwidth-share", Dimension.Share, "Share of the memory bandwidth that is reached. Default 0.7.");
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema scalinglab.plan.infer/1)." };
        var command = new Command("infer", "Prefill, decoding, cache, accelerators and cost of serving a model.") { traffic, prompt, output, batch, group, weights, cache, bandwidth, json };
        foreach (var option in model.All.Concat(cost.Speed))
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            var size = model.Read(parse) ?? throw CostOptions.Usage("--params is missing", "give --params 70B, or --model llama-3-70b");
            var rates = cost.Rates(parse, Accelerator.Named(parse.GetValue(cost.Accelerator) ?? throw CostOptions.Usage("--accelerator is missing", "give one, such as --accelerator h100")));
            var task = new InferTask();
            var plan = InferPlan.For(size, rates, task with
            {
                TokensPerDay = traffic.Read(parse),
                PromptTokens = prompt.Read(parse) ?? task.PromptTokens,
                OutputTokens = output.Read(parse) ?? task.OutputTokens,
                Batch = batch.ReadWhole(parse),
                Group = group.ReadWhole(parse),
                WeightBytes = Bits("--weight-bits", parse.GetValue(weights)) / 8,
                KvBytes = Bits("--kv-bits", parse.GetValue(cache)) / 8,
                BandwidthShare = bandwidth.Read(parse) ?? task.BandwidthShare,
            });
            if (parse.GetValue(json))
                Console.Out.WriteLine(plan.ToJson());
            else
                Print(plan);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static double Bits(string flag, double bits) => bits is >= 1 and <= 64 ? bits : throw CostOptions.Usage(PlanText.Text($"{flag} {bits} is not between 1 and 64"), "write 16, 8 or 4");

    private static void Print(InferPlan plan)
    {
        Console.Out.WriteLine($"{PlanText.Count(plan.Params)} parameters{(plan.ActiveParams < plan.Params ? $" ({PlanText.Count(plan.ActiveParams)} active)" : "")} on {plan.Accelerator}, {plan.AcceleratorsPerCopy} a copy");
        var table = NumberTables.Table("memory", "");
        PlanText.Row(table, "weights", PlanText.Bytes(plan.WeightsBytes));
        PlanText.Row(table, "accelerators that hold the weights alone", PlanText.Text($"{plan.AcceleratorsForWeights}"));
        PlanText.Row(table, "cache a token", PlanText.Bytes(plan.KvBytesPerToken));
        PlanText.Row(table, "cache a sequence", PlanText.Bytes(plan.KvBytesPerSequence));
        PlanText.Row(table, "batch", PlanText.Text($"{plan.Batch}"));
        PlanText.Row(table, "largest batch in memory", PlanText.Text($"{plan.MostBatch:0}"));
        PlanText.Row(table, "batch from which weights are compute-bound, at peak", PlanText.Text($"{plan.CrossoverBatch:0.#}"));
        Terminal.Out.Write(table);
        var speed = NumberTables.Table("speed", "tokens/s an accelerator", "seconds a step", "bound by", "of peak FLOP/s");
        PlanText.Row(speed, "prefill (one prompt)", NumberTables.Number(plan.Prefill.TokensPerSecondPerAccelerator), NumberTables.Number(plan.Prefill.Seconds), plan.Prefill.Bound, PlanText.Percent(plan.Prefill.ShareOfPeak));
        PlanText.Row(speed, "decode (one token each)", NumberTables.Number(plan.Decode.TokensPerSecondPerAccelerator), NumberTables.Number(plan.Decode.Seconds), plan.Decode.Bound, PlanText.Percent(plan.Decode.ShareOfPeak));
        Terminal.Out.Write(speed);
        if (plan is { Cost: { } cost, Naive: { } naive })
        {
            var money = NumberTables.Table($"{PlanText.Count(plan.TokensPerDay!.Value)} tokens a day", "accelerators", "a month of 30 days", "a million tokens");
            PlanText.Row(money, "by roofline", PlanText.Text($"{cost.Accelerators:N0}"), PlanText.Usd(cost.UsdPerMonth), PlanText.Usd(cost.UsdPerMillionTokens));
            PlanText.Row(money, "naive, 2 N D at the utilization", PlanText.Text($"{naive.Accelerators:N0}"), PlanText.Usd(naive.UsdPerMonth), PlanText.Usd(naive.UsdPerMillionTokens));
            Terminal.Out.Write(money);
            PlanText.Lines("why", plan.Why);
        }
        PlanText.Assumptions(plan.Assumptions);
        PlanText.Lines("warning", plan.Warnings);
    }
}
