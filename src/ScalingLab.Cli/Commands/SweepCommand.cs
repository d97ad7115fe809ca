using System.CommandLine;
using ScalingLab.Cli.Sweeps;
using ScalingLab.Core.Configs;

namespace ScalingLab.Cli.Commands;

/// <summary><c>sweep CONFIG</c>: trains what a config asks for, fits the laws and writes the report.</summary>
internal static class SweepCommand
{
    public static Command Create()
    {
        var config = new Argument<string>("config") { Description = "Sweep file (YAML); see configs/." };
        var options = new SweepOptions();
        var dryRun = new Option<bool>("--dry-run") { Description = "Show the runs and what they cost; train nothing." };
        var command = new Command("sweep", "Train every run of a config, fit the laws to them and write a report.") { config, dryRun };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(config);
            SweepConfig sweep = SweepConfigLoader.Load(path, options.Overrides(parsed));
            SweepSettings settings = options.Read(parsed);
            return (int)(parsed.GetValue(dryRun) ? DryRun.Show(sweep, settings) : new SweepSession(settings).Run(sweep, path, fitAndReport: true));
        });
        return command;
    }
}
