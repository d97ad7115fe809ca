using System.CommandLine;
using System.Text.Json;
using ScalingLab.Cli.Status;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;

namespace ScalingLab.Cli.Commands;

/// <summary><c>status RUNS</c>: every run of a folder and how far it is.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var runs = new Argument<string>("runs") { Description = "Folder of runs, of sweeps, or a single run." };
        var watch = new Option<bool>("--watch") { Description = "Look again until all runs have ended." };
        var every = new Option<double>("--every") { Description = "Seconds between looks.", DefaultValueFactory = _ => 2, HelpName = "SECONDS" };
        var json = new Option<bool>("--json") { Description = "Print one JSON document on stdout." };
        var command = new Command("status", "Show the runs of a folder and how far each is.") { runs, watch, every, json };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(runs);
            double seconds = parsed.GetValue(every);
            if (!(seconds is >= 0.1 and <= 86_400))
                throw Usage(FormattableString.Invariant($"--every is {seconds}; it must be from 0.1 to 86400"));
            if (!parsed.GetValue(watch))
                return (int)Show(folder, parsed.GetValue(json));
            if (parsed.GetValue(json))
                throw Usage("--watch and --json do not go together: a document is of one moment");
            return (int)new StatusWatch(folder, TimeSpan.FromSeconds(seconds)).Run();
        });
        return command;
    }

    private static ExitCode Show(string folder, bool json)
    {
        List<RunStatus> all = [.. RunsDirectory.Enumerate(folder, tolerant: true).Select(RunStatus.Of)];
        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(new StatusDocument(all), StatusJson.Default.StatusDocument));
        else
            Print(all);
        foreach (RunStatus damaged in all.Where(r => r.Problem is not null))
            Console.Error.WriteLine($"damaged {damaged.Run}: {damaged.Problem}");
        return all.Any(r => r.Problem is not null) ? ExitCode.CorruptData : ExitCode.Success;
    }

    private static void Print(List<RunStatus> all)
    {
        if (all.Count == 0)
        {
            Console.Error.WriteLine("there are no runs here: a run is a folder with a config.json");
            return;
        }

        if (Console.IsOutputRedirected)
        {
            foreach (string line in StatusText.Lines(all))
                Console.Out.WriteLine(line);
        }
        else
        {
            Terminal.Out.Write(StatusText.Table(all, Terminal.Out.Profile.Width));
        }

        Console.Out.WriteLine(StatusText.Counts(all));
    }

    private static UserErrorException Usage(string message) => new(ExitCode.Usage, new Diagnostic("SL0184", message));
}
