using System.CommandLine;
using ScalingLab.Core;
using ScalingLab.Core.Configs;

namespace ScalingLab.Cli.Commands;

/// <summary><c>config check FILE</c> and <c>config schema</c>.</summary>
internal static class ConfigCommand
{
    public static Command Create() => new("config", "Check a config file, or print the schema of config files.") { Check(), Schema() };

    private static Command Check()
    {
        var file = new Argument<string>("config") { Description = "Sweep file (YAML)." };
        var set = new Option<string[]>("--set") { Description = "Override a key, as sweep does.", HelpName = "key=value" };
        var origin = new Option<bool>("--show-origin") { Description = "Print every key with the place that its value comes from." };
        var command = new Command("check", "Report everything that is wrong with a config, or print it with its defaults.") { file, set, origin };
        command.SetAction(parsed =>
        {
            LoadedConfig loaded = SweepConfigLoader.LoadWithOrigins(parsed.GetRequiredValue(file), parsed.GetValue(set) ?? []);
            Console.Out.Write(parsed.GetValue(origin) ? SweepConfigWriter.ToYamlWithOrigins(loaded) : SweepConfigWriter.ToYaml(loaded.Config));
            Console.Error.WriteLine($"{loaded.Path}: no problems");
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static Command Schema()
    {
        var command = new Command("schema", "Print the JSON schema of config files, for editors.");
        command.SetAction(_ =>
        {
            Console.Out.WriteLine(SweepConfigSchema.ToJson());
            return (int)ExitCode.Success;
        });
        return command;
    }
}
