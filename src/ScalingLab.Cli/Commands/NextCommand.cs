using System.CommandLine;
using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Core.Models;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Tables;
using ScalingLab.Laws.Design;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Reports;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab next SOURCE</c>: the runs that would most narrow the interval of a quantity within a budget.</summary>
internal static class NextCommand
{
    private const int MostRunsAllowed = 64;

    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "Folder of runs, or a CSV with parameters, tokens and loss." };
        var quantity = new Option<string>("--quantity") { Description = "What to pin down: " + DesignQuantity.Choices + ".", DefaultValueFactory = _ => "exponentN" };
        var budget = new Option<double?>("--budget") { Description = "FLOPs of all new runs together; default: what the present runs cost." };
        var runs = new Option<int>("--runs") { Description = "New runs at most.", DefaultValueFactory = _ => 4 };
        var reach = new Option<double>("--reach") { Description = "Factor by which new runs may lie above the largest N and D of the data.", DefaultValueFactory = _ => 2 };
        var parameters = new Option<string?>("--params") { Description = "Range of N, e.g. 1e6..1e9." };
        var tokens = new Option<string?>("--tokens") { Description = "Range of D, e.g. 1e8..1e11." };
        var ratio = new Option<string?>("--tokens-per-param") { Description = "Range of D/N, e.g. 2..600." };
        var noise = new Option<double?>("--noise") { Description = "Standard deviation of the loss between seeds, nats; default: from the residuals of the fit." };
        var objective = new Option<string>("--objective") { Description = Objective.Choices + ".", DefaultValueFactory = _ => "log-huber:1e-3" };
        var columns = new Option<string?>("--columns") { Description = "Columns of a CSV, e.g. params=N,tokens=D,flops=C,loss=loss,group=run." };
        var where = new Option<string?>("--where") { Description = "Rows of a CSV to use, e.g. \"in_fit=1,D<1e12\"." };
        var hold = new Option<string?>("--fix") { Description = "Parameters held at values, e.g. alpha=0.34,E=1.7." };
        var count = new Option<string>("--count") { Description = "What N counts: total, non-embedding or with-head.", DefaultValueFactory = _ => "total" };
        var level = new Option<double>("--level") { Description = "Level of the intervals.", DefaultValueFactory = _ => FitDocuments.DefaultLevel };
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema scalinglab.next/1)." };
        var command = new Command("next", "Choose the runs that would most narrow an interval within a budget.")
        {
            source, quantity, budget, runs, reach, parameters, tokens, ratio, noise, objective, columns, where, hold, count, level, json,
        };
        command.SetAction(parse =>
        {
            var counted = FitRequest.Count(parse.GetValue(count)!);
            var options = new NextOptions
            {
                Quantity = DesignQuantity.Parse(parse.GetValue(quantity)!),
                BudgetFlops = Positive("--budget", parse.GetValue(budget)),
                MostRuns = parse.GetValue(runs),
                Reach = parse.GetValue(reach),
                Parameters = Range("--params", parse.GetValue(parameters)),
                Tokens = Range("--tokens", parse.GetValue(tokens)),
                TokensPerParameter = Range("--tokens-per-param", parse.GetValue(ratio)),
                NoiseNats = Positive("--noise", parse.GetValue(noise)),
                Fit = new ChinchillaFitOptions { Objective = Objective.Parse(parse.GetValue(objective)!), Fixed = FitRequest.Fixed(parse.GetValue(hold)) },
                Level = parse.GetValue(level),
            };
            Check(options);
            string path = parse.GetValue(source)!;
            var table = ObservationTable.Load(path, parse.GetValue(columns), parse.GetValue(where));
            FitRequest.Tell(table);
            var document = NextDocuments.Build(FitPoints.From(table.Rows, counted), options with { Shapes = Directory.Exists(path) ? Shapes(path, counted) : null });
            if (parse.GetValue(json))
                Console.Out.WriteLine(document.ToJson());
            else
                NextText.Print(document);
            return (int)ExitCode.Success;
        });
        return command;
    }

    // The runs' models, where they differ in layers, width and heads alone.
    private static ShapeFamily? Shapes(string folder, ParameterCount count)
    {
        RunManifest[] runs = [.. RunsDirectory.Enumerate(folder).Where(r => r.State == RunState.Finished).Select(r => r.Folder.ReadManifest()).OfType<RunManifest>()];
        ModelShape[] shapes = [.. runs.Select(r => r.Config.Model).Distinct()];
        bool alike = shapes.Select(s => s with { Layers = 1, Width = 1, Heads = 1, MlpWidth = null }).Distinct().Count() == 1;
        return !alike || runs.Select(r => r.Vocabulary).Distinct().Count() > 1 ? null : new ShapeFamily(shapes, runs[0].Vocabulary, p => count switch
        {
            ParameterCount.NonEmbedding => p.NonEmbedding,
            ParameterCount.WithHead => p.WithHead,
            _ => p.Total,
        });
    }

    private static void Check(NextOptions options)
    {
        if (options.MostRuns is < 1 or > MostRunsAllowed)
            throw FitRequest.Usage($"--runs {options.MostRuns} is out of range", $"1 to {MostRunsAllowed} runs");
        if (!(options.Reach >= 1 && options.Reach <= 1000))
            throw FitRequest.Usage(FormattableString.Invariant($"--reach {options.Reach} is out of range"), "1 (within the data) to 1000");
        if (!(options.Level > 0 && options.Level < 1))
            throw FitRequest.Usage(FormattableString.Invariant($"--level {options.Level} is out of range"), "above 0 and below 1, such as 0.95");
    }

    private static double? Positive(string flag, double? value) => value is null || (value > 0 && double.IsFinite(value.Value)) ? value
        : throw FitRequest.Usage(FormattableString.Invariant($"{flag} {value} is out of range"), "a finite number above 0");

    private static (double, double)? Range(string flag, string? text)
    {
        if (text is null)
            return null;
        string[] ends = text.Split("..", StringSplitOptions.TrimEntries);
        if (ends.Length == 2 && Number(ends[0]) is { } low && Number(ends[1]) is { } high && low <= high)
            return (low, high);
        throw FitRequest.Usage($"{flag} '{text}' is not a range of numbers above 0", $"write {flag} 1e6..1e9");
    }

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0 && double.IsFinite(value) ? value : null;
}
