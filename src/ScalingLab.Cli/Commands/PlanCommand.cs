using System.CommandLine;
using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Planning;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab plan</c>: what to train next.</summary>
internal static class PlanCommand
{
    public static Command Create() => new("plan", "Plan training from a published or a fitted law.") { Optimum(), PlanFrontierCommand.Create() };

    private static Command Optimum()
    {
        var law = new Option<string>("--law")
        {
            Description = $"{string.Join(", ", PublishedLaw.All.Select(l => l.Name))}, or a file that fit --json wrote.",
            DefaultValueFactory = _ => "besiroglu2024",
        };
        var flops = new Option<string>("--flops") { Description = "Budget: 5.76e23, 3640PF-day, 12EFLOP.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema scalinglab.plan.optimum/1)." };
        var command = new Command("optimum", "Split a budget of FLOPs between parameters and tokens.") { law, flops, json };
        command.SetAction(parse =>
        {
            var plan = OptimumPlan.For(PlanningLaw.Load(parse.GetValue(law)!), FlopsText.Parse(parse.GetValue(flops)!));
            if (parse.GetValue(json))
                Console.Out.WriteLine(plan.ToJson());
            else
                Print(plan);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static void Print(OptimumPlan plan)
    {
        Console.Out.WriteLine($"{plan.Law}: {plan.Source}");
        var table = plan.Bands is { } bands
            ? NumberTables.Table("at " + NumberTables.Number(plan.Flops) + " FLOPs", "optimum", string.Create(CultureInfo.InvariantCulture, $"{bands.Level * 100:0.##} % interval"))
            : NumberTables.Table("at " + NumberTables.Number(plan.Flops) + " FLOPs", "optimum");
        Row("parameters", plan.Params, plan.Bands?.Params);
        Row("tokens", plan.Tokens, plan.Bands?.Tokens);
        Row("tokens per parameter", plan.TokensPerParam, plan.Bands?.TokensPerParam);
        if (plan.Loss is { } loss)
            Row("loss, nats per token", loss, plan.Bands?.Loss);
        Terminal.Out.Write(table);
        foreach (string warning in plan.Warnings)
            Console.Out.WriteLine($"warning: {warning}");

        void Row(string name, double value, double[]? band)
        {
            string[] cells = [name, NumberTables.Number(value), .. plan.Bands is null ? Array.Empty<string>() : [band is null ? "-" : $"{NumberTables.Number(band[0])} .. {NumberTables.Number(band[1])}"]];
            Spectre.Console.TableExtensions.AddRow(table, cells);
        }
    }
}
