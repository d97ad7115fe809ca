using System.CommandLine;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Memory;
using ScalingLab.Planning.Reference;
using ScalingLab.Planning.Units;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab plan memory</c>: bytes a device, and the smallest layout that fits.</summary>
internal static class PlanMemoryCommand
{
    private static readonly string[] Recomputations = ["none", "selective", "full"];

    public static Command Create()
    {
        var model = new ModelOptions();
        var accelerator = new Option<string>("--accelerator") { Description = "Accelerator, as in plan train.", Required = true };
        var tensor = QuantityOption.Of("--tp", Dimension.Count, "Tensor ranks; left out, 1, 2, 4 and 8 are tried.");
        var pipeline = QuantityOption.Of("--pp", Dimension.Count, "Pipeline stages; left out, every divisor of the layers is tried.");
        var data = QuantityOption.Of("--dp", Dimension.Count, "Copies of the model.");
        var zero = new Option<int?>("--zero") { Description = "ZeRO stage, 0 to 3; left out, all are tried." };
        var count = QuantityOption.Of("--count", Dimension.Count, "Devices in all; left out, as few as fit.");
        var micro = QuantityOption.Of("--micro-batch", Dimension.Count, "Sequences that a device works on at once. Default 1.");
        var recompute = new Option<string>("--recompute") { Description = "none, selective (attention) or full.", DefaultValueFactory = _ => "selective" };
        var noSequence = new Option<bool>("--no-sequence-parallel") { Description = "Do not split norms along the sequence." };
        var node = QuantityOption.Of("--devices-per-node", Dimension.Count, "Devices joined closely enough for tensor ranks. Default 8.");
        var usable = QuantityOption.Of("--usable", Dimension.Share, "Share of memory that may be filled. Default 0.9.");
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema scalinglab.plan.memory/1)." };
        var command = new Command("memory", "Bytes a device of a training run, and the smallest layout that fits.") { accelerator, tensor, pipeline, data, zero, count, micro, recompute, noSequence, node, usable, json };
        foreach (var option in model.All)
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            var size = model.Read(parse) ?? throw CostOptions.Usage("--params is missing", "give --params 70B, or --model llama-3-70b");
            int kept = Array.IndexOf(Recomputations, parse.GetValue(recompute));
            if (kept < 0)
                throw CostOptions.Usage($"--recompute: unknown '{parse.GetValue(recompute)}'", Suggestions.DidYouMean(parse.GetValue(recompute)!, Recomputations) ?? "there are none, selective and full");
            var plan = MemoryPlan.For(size, Accelerator.Named(parse.GetValue(accelerator)!), new()
            {
                Tensor = tensor.ReadWhole(parse),
                Pipeline = pipeline.ReadWhole(parse),
                Data = data.ReadWhole(parse),
                Zero = parse.GetValue(zero),
                Devices = count.ReadWhole(parse),
                MicroBatch = micro.ReadWhole(parse) ?? 1,
                SequenceParallel = !parse.GetValue(noSequence),
                Recompute = (Recompute)kept,
                DevicesPerNode = node.ReadWhole(parse) ?? 8,
            }, usable.Read(parse) ?? MemoryPlan.DefaultUsable);
            if (parse.GetValue(json))
                Console.Out.WriteLine(plan.ToJson());
            else
                Print(plan);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static void Print(MemoryPlan plan)
    {
        var s = plan.Shape;
        Console.Out.WriteLine(PlanText.Text($"{PlanText.Count(plan.Params)} parameters: {s.Layers} layers of width {s.Width}, {s.Heads} heads ({s.KvHeads} of keys), context {s.Context}, vocabulary {s.Vocabulary}"));
        Console.Out.WriteLine($"shape: {plan.ShapeSource}");
        var l = plan.Layout;
        Console.Out.WriteLine(PlanText.Text($"smallest layout within the flags: {l.Devices} x {plan.Accelerator}: TP {l.Tensor}, PP {l.Pipeline}, DP {l.Data}, ZeRO {l.Zero}, micro-batch {l.MicroBatch}, {l.Recompute} recomputation"));
        var table = NumberTables.Table("on the fullest device", "bytes", "share of usable");
        foreach ((string name, double bytes) in new[] { ("weights", plan.BytesPerDevice.Weights), ("gradients", plan.BytesPerDevice.Gradients), ("optimizer", plan.BytesPerDevice.Optimizer), ("activations", plan.BytesPerDevice.Activations), ("total", plan.BytesPerDevice.Total), ("usable", plan.UsableBytes) })
            PlanText.Row(table, name, PlanText.Bytes(bytes), PlanText.Percent(bytes / plan.UsableBytes));
        Terminal.Out.Write(table);
        PlanText.Lines("assumed", plan.Assumptions);
        PlanText.Lines("warning", plan.Warnings);
    }
}
