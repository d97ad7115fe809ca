using System.CommandLine;
using System.Text.Json;
using ScalingLab.Cli.Machine;
using ScalingLab.Core;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary>`scalinglab doctor`: what this machine has, what it lacks, and how to get it. Exits 0 when sweeps can run.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "Print one JSON document (scalinglab.doctor/1)." };
        Command command = new("doctor", "Say what this machine has for training, what is missing, and the command that fetches it.") { json };
        command.SetAction(parsed =>
        {
            DoctorReport report = new(MachineProbe.Read());
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                output.WriteLine(JsonSerializer.Serialize(report.Document, DoctorJson.Default.DoctorDocument));
            else
                report.Write(ConsoleFor(output));
            return (int)(report.Ready ? ExitCode.Success : ExitCode.Device);
        });
        return command;
    }

    // Spectre writes ANSI into pipes when TERM names a colour terminal.
    private static IAnsiConsole ConsoleFor(TextWriter output) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(output),
        Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
        ColorSystem = Console.IsOutputRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
    });
}
