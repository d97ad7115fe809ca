using System.CommandLine;
using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Core.Units;
using ScalingLab.Planning;
using ScalingLab.Planning.DataStock;
using ScalingLab.Planning.Frontier;
using ScalingLab.Planning.Optimum;
using ScalingLab.Planning.Units;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab plan data</c>: tokens needed against the stock of text, and what epochs are worth.</summary>
internal static class PlanDataCommand
{
    private static readonly Option<string?> Tokens = new("--tokens") { Description = "Tokens needed: 15T, 1.4e12." };
    private static readonly Option<string?> Params = new("--params") { Description = "Parameters, for losses, and for the need with --tokens-per-param." };
    private static readonly Option<double> PerParam = new("--tokens-per-param") { Description = "Tokens a parameter, when --params is given without --tokens.", DefaultValueFactory = _ => 20 };
    private static readonly Option<string?> Flops = new("--flops") { Description = "Budget, for the need of its best model: 5.76e23, 3640PF-day." };
    private static readonly Option<string> Law = new("--law") { Description = "Law that splits --flops: a published one, or a file that fit --json wrote.", DefaultValueFactory = _ => "besiroglu2024" };
    private static readonly Option<string?> Unique = new("--unique-tokens") { Description = "Distinct tokens that you have; default: the median stock." };
    private static readonly Option<string?> Stock = new("--stock") { Description = "Stock of text, or its 90 % interval: 50T, 100T..1000T; default: 300T, 100T to 1000T." };
    private static readonly Option<string?> Data = new("--data") { Description = "CSV of trained models, for the date at which training sets reach the stock." };
    private static readonly Option<string?> Subset = new("--subset") { Description = "Models of that trend: all, frontier, top:K; default: top:10 of language models." };
    private static readonly Option<int> Resamples = new("--bootstrap") { Description = "Resamples for its interval.", DefaultValueFactory = _ => FrontierOptions.DefaultResamples };
    private static readonly Option<long> Seed = new("--seed") { Description = "Seed of the resamples.", DefaultValueFactory = _ => 1 };
    private static readonly Option<bool> Json = new("--json") { Description = "Print one JSON document (schema scalinglab.plan.data/1)." };

    public static Command Create()
    {
        var command = new Command("data", "Tokens needed against the stock of text, and what epochs are worth.")
        {
            Tokens, Params, PerParam, Flops, Law, Unique, Stock, Data, Subset, Resamples, Seed, Json,
        };
        command.SetAction(parse =>
        {
            var plan = Plan(parse);
            if (parse.GetValue(Json))
                Console.Out.WriteLine(plan.ToJson());
            else
                Print(plan);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static DataPlan Plan(ParseResult parse)
    {
        double? parameters = parse.GetValue(Params) is { } n ? QuantityText.Parse(n, Dimension.Parameters, "--params") : null;
        (double tokens, string need) = Need(parse, ref parameters);
        int resamples = parse.GetValue(Resamples);
        if (resamples is < 2 or > 1_000_000)
            throw FitRequest.Usage($"--bootstrap {resamples} is out of range", "2 to 1000000 resamples");
        var options = new FrontierOptions { Resamples = resamples, Seed = parse.GetValue(Seed), Subset = parse.GetValue(Subset) is { } word ? ModelSubset.Parse(word) : null };
        var stock = parse.GetValue(Stock) is { } text ? FrontierPlan.ThresholdFrom("--stock", FrontierQuantity.Tokens, text) : TokenStock.Published;
        double? unique = parse.GetValue(Unique) is { } u ? QuantityText.Parse(u, Dimension.Tokens, "--unique-tokens") : null;
        return DataPlan.For(tokens, need, parameters, unique, stock, parse.GetValue(Data) is { } file ? ModelTable.Read(file) : null, options);
    }

    private static (double Tokens, string Need) Need(ParseResult parse, ref double? parameters)
    {
        string? tokens = parse.GetValue(Tokens), flops = parse.GetValue(Flops);
        if (tokens is not null && flops is not null)
            throw FitRequest.Usage("--tokens and --flops exclude each other", "the budget's best model needs tokens of its own");
        if (tokens is not null)
            return (QuantityText.Parse(tokens, Dimension.Tokens, "--tokens"), "given");
        if (flops is not null)
        {
            var law = PlanningLaw.Load(parse.GetValue(Law)!);
            var best = OptimumPlan.For(law, new Flops(QuantityText.Parse(flops, Dimension.Flops, "--flops")));
            parameters ??= best.Params;
            return (best.Tokens, $"best split of {NumberTables.Number(best.Flops)} FLOPs by {law.Name}");
        }
        double ratio = parse.GetValue(PerParam);
        if (!(ratio > 0 && double.IsFinite(ratio)))
            throw FitRequest.Usage(FormattableString.Invariant($"--tokens-per-param {ratio} is out of range"), "above 0, such as 20");
        return parameters is { } n ? (ratio * n, string.Create(CultureInfo.InvariantCulture, $"{ratio:0.###} tokens a parameter")) : throw FitRequest.Usage("nothing says how many tokens are needed", "give --tokens 15T, --params 70B, or --flops 5.76e23");
    }

    private static void Print(DataPlan plan)
    {
        Console.Out.WriteLine($"Tokens needed: {NumberTables.Number(plan.TokensNeeded)} ({plan.Need})");
        Console.Out.WriteLine(Text($"Stock: {NumberTables.Number(plan.Stock.Stock)}{(plan.Stock.StockInterval is [var low, var high] ? $", 90 % interval {NumberTables.Number(low)} .. {NumberTables.Number(high)}" : "")}; the need is {plan.Stock.Share * 100:0.###} % of it; it is short with probability {plan.Stock.ProbabilityShort * 100:0.##} %"));
        Console.Out.WriteLine(Text($"Distinct tokens at hand: {NumberTables.Number(plan.UniqueTokens)}; {(plan.EpochsNeeded is { } epochs ? $"{epochs.ToString("0.##", CultureInfo.InvariantCulture)} epochs of them are worth the need" : "no number of epochs of them is worth the need")}; at most they are worth {NumberTables.Number(plan.MostFreshTokens)} fresh ones"));
        var table = plan.Params is null
            ? NumberTables.Table("epochs", "tokens seen", "worth, fresh tokens", "worth / seen", "next token is worth")
            : NumberTables.Table("epochs", "tokens seen", "worth, fresh tokens", "worth / seen", "next token is worth", $"loss at {NumberTables.Number(plan.Params.Value)} parameters");
        foreach (var row in plan.Epochs)
        {
            string[] cells = [NumberTables.Number(row.Epochs), NumberTables.Number(row.Tokens), NumberTables.Number(row.FreshTokens), Text($"{row.Share * 100:0.0} %"), Text($"{row.NextToken * 100:0.0} %"), .. row.Loss is { } loss ? [NumberTables.Number(loss)] : Array.Empty<string>()];
            Spectre.Console.TableExtensions.AddRow(table, cells);
        }
        Terminal.Out.Write(table);
        if (plan.Date is { } date)
            Console.Out.WriteLine(Text($"Training sets ({date.Subset}, {date.N} models) grow {date.Growth:0.00} a year and reach the stock, if that goes on, in {Year(date.Years[1])}, {date.Level * 100:0.##} % interval {Year(date.Years[0])} .. {Year(date.Years[2])} (published: {date.Published})"));
        Console.Out.WriteLine($"source: {plan.Stock.Source}");
        foreach (string assumption in plan.Assumptions)
            Console.Out.WriteLine($"assumed: {assumption}");
        foreach (string warning in plan.Warnings)
            Console.Out.WriteLine($"warning: {warning}");
    }

    private static string Year(double? year) => year is { } y ? Text($"{y:0.0}") : "never";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
