using System.CommandLine;

namespace ScalingLab.Cli.Commands;

/// <summary><c>scalinglab bench</c>: how fast this machine is at what the program does.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measure how fast this machine trains and fits.")
    {
        BenchStepCommand.Create(), BenchGemmCommand.Create(), BenchAttentionCommand.Create(), BenchMemoryCommand.Create(), BenchFitCommand.Create(),
    };
}
