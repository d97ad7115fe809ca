using System.Text.Json;
using ScalingLab.Cli.Commands;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training;

namespace ScalingLab.Cli.Machine;

/// <summary>Loads the engine in a child process and asks it about itself: a libtorch that crashes or hangs takes only the child down.</summary>
internal static class EngineProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Every way for the child to end gives an answer.</summary>
    /// <param name="measurePeak">Time products as well.</param>
    public static EngineFacts Ask(bool measurePeak = false)
    {
        ProcessOutput answer = ProcessOutput.Of(measurePeak ? ChildProcess.Start(EngineProbeCommand.Name, "--peak") : ChildProcess.Start(EngineProbeCommand.Name), Limit);
        if (answer.TimedOut)
            return new() { Problem = $"no answer within {Limit.TotalSeconds:0} s" };
        try
        {
            string line = answer.Output.TrimEnd().Split('\n')[^1]; // TorchSharp writes its search for libtorch to stdout
            if (answer.ExitCode == 0 && JsonSerializer.Deserialize(line, EngineProbeJson.Default.EngineFacts) is { } facts)
                return facts;
        }
        catch (JsonException)
        {
            // Said below, with what the child wrote.
        }

        string last = answer.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "nothing on stderr";
        string end = answer.ExitCode > 128 ? $"ended by signal {answer.ExitCode - 128}" : $"exit {answer.ExitCode}";
        return new() { Problem = $"{end}: {last}" };
    }

    /// <summary>The facts of an engine that runs.</summary>
    /// <param name="measurePeak">With the peak of its products on the CPU.</param>
    /// <exception cref="UserErrorException">It does not.</exception>
    public static EngineFacts Require(bool measurePeak)
    {
        EngineFacts facts = Ask(measurePeak);
        return facts.Problem is null ? facts : throw new UserErrorException(
            ExitCode.Device, new Diagnostic("SL0511", $"the engine does not run: {facts.Problem}", null, "scalinglab doctor says what is missing and how to get it"));
    }
}
