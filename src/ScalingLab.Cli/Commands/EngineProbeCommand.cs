using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Core;
using ScalingLab.Training;

namespace ScalingLab.Cli.Commands;

/// <summary><c>engine-probe</c>: loads libtorch in a process of its own and says what is there; started by doctor and sweep.</summary>
internal static class EngineProbeCommand
{
    /// <summary>Its name on the command line.</summary>
    public const string Name = "engine-probe";

    public static Command Create()
    {
        var peak = new Option<bool>("--peak") { Description = "Measure the peak rate of products too." };
        var command = new Command(Name, "Load the engine and print what it says about itself.") { peak };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(Answer(parsed.GetValue(peak)), EngineProbeJson.Default.EngineFacts));
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static EngineFacts Answer(bool measurePeak)
    {
        try
        {
            ProviderCapabilities.Initialise(1);
            return EngineFacts.Collect(measurePeak);
        }
        catch (Exception error)
        {
            // The parent prints it; whatever it was, the engine does not run.
            return new EngineFacts { Problem = error.Message };
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EngineFacts))]
internal sealed partial class EngineProbeJson : JsonSerializerContext;
