using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Core;
using ScalingLab.Training;

namespace ScalingLab.Cli.Commands;

/// <summary><c>engine-probe</c>: loads libtorch in a process of its own and says what is there; started by doctor and sweep.</summary>
internal static class EngineProbeCommand
{
    public static Command Create()
    {
        var peak = new Option<bool>("--peak") { Description = "Measure the peak rate of products too." };
        var command = new Command("engine-probe", "Says what the native engine is (started by doctor and sweep).") { peak };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            ProviderCapabilities.Initialise(1);
            Console.Out.WriteLine(JsonSerializer.Serialize(EngineFacts.Collect(parsed.GetValue(peak)), ProbeJson.Default.EngineFacts));
            return (int)ExitCode.Success;
        });
        return command;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EngineFacts))]
internal sealed partial class ProbeJson : JsonSerializerContext;
