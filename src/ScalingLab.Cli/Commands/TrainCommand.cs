using System.CommandLine;
using ScalingLab.Cli.Sweeps;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Cli.Commands;

/// <summary><c>train CONFIG</c>: trains one model.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var config = new Argument<string>("config") { Description = "Config (YAML) that makes a single run." };
        var options = new SweepOptions();
        var command = new Command("train", "Train the one run of a config.") { config };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(config);
            SweepConfig sweep = SweepConfigLoader.Load(path, options.Overrides(parsed));
            int runs = SweepPlan.Of(sweep, sweep.Corpus.TokenizerVocabulary).Runs.Count;
            if (runs != 1)
                throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0109", $"'{path}' makes {runs} runs; train takes one", null, $"scalinglab sweep {path}"));
            return (int)new SweepSession(options.Read(parsed)).Run(sweep, path, fitAndReport: false);
        });
        return command;
    }
}
