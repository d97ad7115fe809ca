using System.CommandLine;
using ScalingLab.Cli.Sweeps;

namespace ScalingLab.Cli.Commands;

/// <summary><c>resume RUNS</c>: finishes what a stopped or killed sweep left, without its config file.</summary>
internal static class ResumeCommand
{
    public static Command Create()
    {
        var runs = new Argument<string>("runs") { Description = "A sweep's folder, or one run's." };
        var options = new SweepOptions(withSet: false);
        var command = new Command("resume", "Finish the runs of a folder from their last checkpoints.") { runs };
        options.AddTo(command);
        command.SetAction(parsed => (int)new SweepSession(options.Read(parsed)).Resume(parsed.GetRequiredValue(runs)));
        return command;
    }
}
