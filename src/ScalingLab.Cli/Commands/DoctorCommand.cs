using System.CommandLine;
using System.Text.Json;
using ScalingLab.Cli.Machine;
using ScalingLab.Core;

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
            if (parsed.GetValue(json))
                Console.Out.WriteLine(JsonSerializer.Serialize(report.Document, DoctorJson.Default.DoctorDocument));
            else
                report.Write(Terminal.Out);
            return (int)(report.Ready ? ExitCode.Success : ExitCode.Device);
        });
        return command;
    }
}
