using System.CommandLine;
using System.Text;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Tables;

namespace ScalingLab.Cli.Commands;

/// <summary><c>export SOURCE --format csv</c>: the observations of runs as a table that <c>fit</c> and other tools read.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "Folder of runs." };
        var format = new Option<string>("--format") { Description = "csv.", DefaultValueFactory = _ => "csv", HelpName = "FORMAT" };
        var output = new Option<string?>("--output", "-o") { Description = "File to write; standard output without it.", HelpName = "FILE" };
        var command = new Command("export", "Write the observations of runs for other tools.") { source, format, output };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(format) is { } name and not "csv")
                throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0108", $"unknown format '{name}'", null, "this version writes csv"));
            ObservationTable table = ObservationTable.Load(parsed.GetRequiredValue(source));
            foreach (ExcludedRun excluded in table.Excluded)
                Console.Error.WriteLine($"left out {excluded.Run}: {excluded.Reason}");
            using var text = new StringWriter();
            table.ToCsv(text);
            if (parsed.GetValue(output) is { } file)
                AtomicFile.Write(file, Encoding.UTF8.GetBytes(text.ToString()));
            else
                Console.Out.Write(text.ToString());
            return (int)ExitCode.Success;
        });
        return command;
    }
}
