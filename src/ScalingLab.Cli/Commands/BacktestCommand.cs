using System.CommandLine;
using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Core.Tables;
using ScalingLab.Laws.Backtests;
using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Reports;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab backtest SOURCE</c>: fits laws to the cheap runs and lets them foretell the dear ones.</summary>
internal static class BacktestCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "Folder of runs, or a CSV with parameters, tokens and loss." };
        var cuts = new Option<string?>("--cuts") { Description = "FLOPs to fit below, e.g. 1e19,1e20; default: the largest cost over 2, 4, 8, ..., six of them at most." };
        var laws = new Option<string>("--laws") { Description = $"Laws to compare, of {FitRequest.LawNames}.", DefaultValueFactory = _ => "chinchilla,kaplan-nd" };
        var terms = new Option<string?>("--terms") { Description = "Columns of the law sum, e.g. width,depth,params,tokens." };
        var of = new Option<string>("--of") { Description = "What the laws power and broken-power are laws of: params, tokens or flops.", DefaultValueFactory = _ => "flops" };
        var objective = new Option<string>("--objective") { Description = Objective.Choices + ".", DefaultValueFactory = _ => "log-huber:1e-3" };
        var columns = new Option<string?>("--columns") { Description = "Columns of a CSV, e.g. params=N,tokens=D,flops=C,loss=loss,group=run." };
        var where = new Option<string?>("--where") { Description = "Rows of a CSV to use, e.g. \"in_fit=1,D<1e12\"." };
        var hold = new Option<string?>("--fix") { Description = "Parameters of the chinchilla law held at values, e.g. alpha=0.34,E=1.7." };
        var count = new Option<string>("--count") { Description = "What N counts: total, non-embedding or with-head.", DefaultValueFactory = _ => "total" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema scalinglab.backtest/1)." };
        var command = new Command("backtest", "Fit below a cost, predict above it: how far a law may be trusted.") { source, laws, of, terms, cuts, objective, columns, where, hold, count, json };
        command.SetAction(parse =>
        {
            var options = new ChinchillaFitOptions { Objective = Objective.Parse(parse.GetValue(objective)!), Fixed = FitRequest.Fixed(parse.GetValue(hold)) };
            string[] names = [.. parse.GetValue(laws)!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
            LossCurve?[] curves = [.. names.Select(n => FitRequest.Law("--laws", n, FitRequest.Of(parse.GetValue(of)!), parse.GetValue(terms)))];
            if (curves.Length == 0)
                throw FitRequest.Usage("--laws names no law", "write --laws chinchilla,kaplan-nd");
            if (curves.Any(c => c is CriticalBatch))
                throw FitRequest.Usage("--laws critical-batch is no law of the loss: a backtest foretells losses", "see it with fit --law critical-batch");
            var at = Cuts(parse.GetValue(cuts));
            var table = ObservationTable.Load(parse.GetValue(source)!, parse.GetValue(columns), parse.GetValue(where));
            FitRequest.Tell(table);
            curves = [.. curves.Select(c => c?.For(table))];
            var needed = curves.Select(c => c?.Inputs ?? default).Aggregate(Inputs.Parameters | Inputs.Tokens, (a, b) => a | b);
            var points = curves.Aggregate(FitPoints.From(table.Rows, FitRequest.Count(parse.GetValue(count)!), needed: needed), (p, c) => c?.Complete(p, table) ?? p);
            CandidateLaw[] candidates = [.. curves.Select(c => c is null ? CandidateLaw.Chinchilla(options) : CandidateLaw.Of(c, options.Objective))];
            var document = BacktestDocuments.Build(points, candidates, options.Objective, at);
            if (parse.GetValue(json))
                Console.Out.WriteLine(document.ToJson());
            else
                BacktestText.Print(document);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static double[]? Cuts(string? text)
    {
        if (text is null)
            return null;
        string[] parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var cuts = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out cuts[i]) || !(cuts[i] > 0) || !double.IsFinite(cuts[i]))
                throw FitRequest.Usage($"--cuts: '{parts[i]}' is not a number of FLOPs above 0", "write --cuts 1e19,1e20");
        }
        return cuts.Length > 0 ? [.. cuts.Distinct()] : throw FitRequest.Usage("--cuts names no cost", "write --cuts 1e19,1e20");
    }
}
