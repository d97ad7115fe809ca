using System.CommandLine;
using System.Globalization;
using ScalingLab.Cli.Benchmarks;
using ScalingLab.Cli.Machine;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Tables;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab bench fit [SOURCE]</c>: how long every law and approach takes to fit. Needs no libtorch.</summary>
internal static class BenchFitCommand
{
    private const int MostRounds = 1000, MostResamples = 1_000_000;

    public static Command Create()
    {
        var source = new Argument<string?>("source") { Description = "Folder of runs or CSV to fit; 240 planted observations without it.", Arity = ArgumentArity.ZeroOrOne };
        var columns = new Option<string?>("--columns") { Description = "Columns of a CSV, e.g. params=N,tokens=D,flops=C,loss=loss,group=run." };
        var where = new Option<string?>("--where") { Description = "Rows of a CSV to use, e.g. \"in_fit=1,D<1e12\"." };
        var rounds = new Option<int>("--rounds") { Description = "Times that everything is timed, in turn.", DefaultValueFactory = _ => 7, HelpName = "N" };
        var resamples = new Option<int>("--resamples") { Description = "Resamples of the bootstrap.", DefaultValueFactory = _ => FitTasks.Resamples, HelpName = "N" };
        var warm = new Option<double>("--warm") { Description = "Seconds for which each fit is repeated untimed at first.", DefaultValueFactory = _ => 0.4, HelpName = "S" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document (schema scalinglab.bench-fit/1)." };
        var command = new Command("fit", "Time the fit of every law, the bootstrap, isoFLOP profiles and envelopes.") { source, columns, where, rounds, resamples, warm, json };
        command.SetAction(parse =>
        {
            if (parse.GetValue(rounds) is < 1 or > MostRounds)
                throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0141", $"--rounds is {parse.GetValue(rounds)}; it must be from 1 to {MostRounds}"));
            if (parse.GetValue(resamples) is < 1 or > MostResamples)
                throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0141", $"--resamples is {parse.GetValue(resamples)}; it must be from 1 to {MostResamples}"));
            if (!(parse.GetValue(warm) is >= 0 and <= 60))
                throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0141", FormattableString.Invariant($"--warm is {parse.GetValue(warm)}; it must be from 0 to 60")));
            string? path = parse.GetValue(source);
            if (path is null && (parse.GetValue(columns) ?? parse.GetValue(where)) is not null)
                throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0103", "--columns and --where are for a CSV file, and none is given", Help: "name the CSV, or leave them out"));
            ObservationTable? given = path is null ? null : ObservationTable.Load(path, parse.GetValue(columns), parse.GetValue(where));
            var document = BenchFitDocument.Measure(given ?? PlantedFitData.Profiles(), given ?? PlantedFitData.Curves(), parse.GetValue(rounds), parse.GetValue(resamples), parse.GetValue(warm), MachineProbe.ProcessorName());
            if (parse.GetValue(json))
                System.Console.Out.WriteLine(document.ToJson());
            else
                Print(document);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static void Print(BenchFitDocument d)
    {
        System.Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{d.Observations} observations ({d.Source}), {d.Rounds} rounds, {d.Processors} cores of {d.Processor}, .NET {d.Dotnet}"));
        var table = NumberTables.Table("fit", "threads", "median ms", "least", "most", "at most");
        foreach (var row in d.Rows)
        {
            table.AddRow(row.Name, row.Threads.ToString(CultureInfo.InvariantCulture), NumberTables.Number(row.Milliseconds.Median), NumberTables.Number(row.Milliseconds.Min), NumberTables.Number(row.Milliseconds.Max),
                row.TargetMilliseconds is { } target ? NumberTables.Number(target) : "-");
        }
        Terminal.Out.Write(table);
        foreach (var left in d.Left)
            System.Console.Out.WriteLine($"{left.Name}: not timed: {left.Reason}");
    }
}
