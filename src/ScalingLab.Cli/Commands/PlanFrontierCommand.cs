using System.CommandLine;
using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Frontier;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab plan frontier --data CSV</c>: how fast training grows, and when it passes a threshold if that goes on.</summary>
internal static class PlanFrontierCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "CSV of trained models: Epoch AI's notable models, or one of the same columns.", Required = true };
        var subset = new Option<string?>("--subset") { Description = "Models of every trend: all, frontier (flagged), top:K (the K largest at each date); default: each trend's usual one." };
        var since = new Option<double?>("--since") { Description = "First year of every trend; default: 2010, of cost 2015." };
        var without = new Option<bool>("--without-finetuned") { Description = "Leave fine-tuned models out of every trend; that of duration always does." };
        var domain = new Option<string?>("--domain") { Description = "Only models whose domain holds this word, such as Language." };
        var until = new Option<int>("--until") { Description = "Last year of projections.", DefaultValueFactory = _ => new FrontierOptions().Until };
        var threshold = new Option<string[]>("--threshold") { Description = "Date a further value, such as power=5GW, compute=1e28FLOP, tokens=100T..1000T (90 % interval); can be repeated." };
        var scores = new Option<string?>("--scores") { Description = "CSV of scores that you gave models: a date, a name, one column a score." };
        var goal = new Option<double?>("--score-threshold") { Description = "Score that mean and least of --scores are carried on to." };
        var resamples = new Option<int>("--bootstrap") { Description = "Resamples for intervals and dates.", DefaultValueFactory = _ => FrontierOptions.DefaultResamples };
        var seed = new Option<long>("--seed") { Description = "Seed of the resamples.", DefaultValueFactory = _ => 1 };
        var level = new Option<double>("--level") { Description = "Level of the intervals.", DefaultValueFactory = _ => 0.95 };
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema scalinglab.plan.frontier/1)." };
        var command = new Command("frontier", "Growth of training compute, duration, cost and power, carried on to thresholds.")
        {
            data, subset, since, without, domain, until, threshold, scores, goal, resamples, seed, level, json,
        };
        command.SetAction(parse =>
        {
            var options = new FrontierOptions
            {
                Subset = parse.GetValue(subset) is { } word ? ModelSubset.Parse(word) : null,
                Since = parse.GetValue(since),
                WithoutFineTuned = parse.GetValue(without),
                Domain = parse.GetValue(domain),
                Until = parse.GetValue(until),
                Thresholds = [.. (parse.GetValue(threshold) ?? []).Select(FrontierPlan.ThresholdFrom)],
                Resamples = parse.GetValue(resamples),
                Seed = parse.GetValue(seed),
                Level = parse.GetValue(level),
            };
            Check(options);
            var document = FrontierPlan.For(ModelTable.Read(parse.GetValue(data)!), options, Capability(parse.GetValue(scores), parse.GetValue(goal), options));
            if (parse.GetValue(json))
                System.Console.Out.WriteLine(document.ToJson());
            else
                Print(document);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static void Check(FrontierOptions options)
    {
        if (options.Resamples is < 2 or > 1_000_000)
            throw FitRequest.Usage($"--bootstrap {options.Resamples} is out of range", "2 to 1000000 resamples");
        if (!(options.Level > 0 && options.Level < 1))
            throw FitRequest.Usage(FormattableString.Invariant($"--level {options.Level} is out of range"), "above 0 and below 1, such as 0.95");
        if (options.Until > 2200)
            throw FitRequest.Usage(FormattableString.Invariant($"--until {options.Until} is out of range"), "a year up to 2200");
    }

    private static CapabilityDocument? Capability(string? scores, double? goal, FrontierOptions options)
    {
        if (scores is null)
            return goal is null ? null : throw FitRequest.Usage("--score-threshold needs scores", "add --scores FILE.csv");
        if (goal is not { } threshold || !double.IsFinite(threshold))
            throw FitRequest.Usage("--scores needs a threshold", "add --score-threshold 90");
        var trends = ScoreTrend.Through(RatedModel.Read(scores), threshold, options.Resamples, options.Seed, options.Level);
        return trends.Count > 0
            ? new("extrapolation of scores that a user gave, along a straight line; no forecast of capability", scores, threshold, trends)
            : throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0406", $"{scores}: too few rated models for a trend", Help: FormattableString.Invariant($"it needs {GrowthTrend.FewestPoints} rows of different dates")));
    }

    private static void Print(FrontierDocument document)
    {
        string level = Text($"{document.Level * 100:0.##} % interval");
        System.Console.Out.WriteLine(Text($"Growth of training a year    {document.Models} dated models, {document.Source}"));
        var growth = NumberTables.Table("quantity", "factor a year", level, "doubling, months", "models", "R2", "which", "since");
        foreach (var (name, row) in document.GrowthPerYear.Concat(document.OtherSubsets))
        {
            if (row is not null)
                growth.AddRow(Markup.Escape(name), Text($"{row.Value:0.00}"), Pair(row.Interval, "0.00"), row.DoublingMonths is { } months ? Text($"{months:0.0}") : "-", Text($"{row.N}"), Text($"{row.RSquared:0.00}"), Markup.Escape(row.Subset), Text($"{row.Since:0.##}"));
        }
        Terminal.Out.Write(growth);
        if (document.Split is { } split)
        {
            var factors = NumberTables.Table(Text($"compute {split.Compute:0.00} a year ({split.N} models) is"), "factor a year", level, "share of log growth", level);
            foreach (var (name, factor) in split.Factors)
                factors.AddRow(name == "throughputPerChip" ? "FLOP/s a chip" : name, Text($"{factor.Growth:0.00}"), Pair(factor.Interval, "0.00"), Text($"{factor.Share * 100:0} %"), factor.ShareInterval is [var low, var high] ? Text($"{low * 100:0} .. {high * 100:0} %") : "-");
            Terminal.Out.Write(factors);
        }
        var carried = NumberTables.Table(["carried on, mid-year", .. document.Projections.Select(p => Text($"{p.Quantity}, {p.Unit}"))]);
        foreach (int year in document.Projections.SelectMany(p => p.Years).Select(y => y.Year).Distinct())
            carried.AddRow([Text($"{year}"), .. document.Projections.Select(p => p.Years.FirstOrDefault(y => y.Year == year) is { } at ? NumberTables.Number(at.Value) : "-")]);
        Terminal.Out.Write(carried);
        var dates = NumberTables.Table("if that goes on", "trend of", "value", "median date", level, "never");
        foreach (var row in document.Crossovers)
            dates.AddRow(Markup.Escape(row.Threshold), row.Quantity, NumberTables.Number(row.Value) + " " + row.Unit, Year(row.Years[1]), $"{Year(row.Years[0])} .. {Year(row.Years[2])}", Text($"{row.Never * 100:0.#} %"));
        Terminal.Out.Write(dates);
        if (document.Capability is { } capability)
        {
            var rated = NumberTables.Table(Text($"scores to {capability.Threshold}"), "points a year", level, "median date", level, "never", "models");
            foreach (var row in capability.Trends)
                rated.AddRow(row.Of, NumberTables.Number(row.PerYear), $"{NumberTables.Number(row.PerYearLow)} .. {NumberTables.Number(row.PerYearHigh)}", Year(row.Middle), $"{Year(row.Low)} .. {Year(row.High)}", Text($"{row.Never * 100:0.#} %"), Text($"{row.N}"));
            Terminal.Out.Write(rated);
            System.Console.Out.WriteLine($"note: {capability.Label}");
        }
        foreach (string assumption in document.Assumptions)
            System.Console.Out.WriteLine($"assumed: {assumption}");
        foreach (string source in document.Crossovers.Select(c => c.Source).Where(s => s is not "given" and not "round number").Distinct())
            System.Console.Out.WriteLine($"source: {source}");
        foreach (string warning in document.Warnings)
            System.Console.Out.WriteLine($"warning: {warning}");
        System.Console.Out.WriteLine(Text($"{document.Resamples} resamples, seed {document.Seed}; {document.Seconds:0.00} s"));
    }

    private static string Pair(double[] ends, string format) => ends is [var low, var high] ? low.ToString(format, CultureInfo.InvariantCulture) + " .. " + high.ToString(format, CultureInfo.InvariantCulture) : "-";

    private static string Year(double? year) => year is { } y ? Text($"{y:0.0}") : "never";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
