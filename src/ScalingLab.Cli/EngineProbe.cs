using System.Diagnostics;
using System.Text.Json;
using ScalingLab.Cli.Commands;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training;

namespace ScalingLab.Cli;

/// <summary>Asks a child process what the engine is, so that a broken libtorch cannot take this one down.</summary>
internal static class EngineProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The facts, or the reason why there are none.</summary>
    public static (EngineFacts? Facts, string Error) Ask(bool measurePeak)
    {
        ProcessStartInfo start = ChildProcess.Start("engine-probe");
        if (measurePeak)
            start.ArgumentList.Add("--peak");
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process child = Process.Start(start) ?? throw new InvalidOperationException("The probe did not start.");
        Task<string> output = child.StandardOutput.ReadToEndAsync(), error = child.StandardError.ReadToEndAsync();
        if (!child.WaitForExit(Patience))
        {
            child.Kill();
            return (null, $"loading libtorch took more than {Patience.TotalSeconds:F0} s");
        }

        child.WaitForExit();
        try
        {
            if (child.ExitCode == 0 && JsonSerializer.Deserialize(output.Result, ProbeJson.Default.EngineFacts) is { } facts)
                return (facts, "");
        }
        catch (JsonException)
        {
            // Falls through to what it said on stderr.
        }

        string said = error.Result.Trim();
        return (null, said.Length > 0 ? said : $"the process ended with code {child.ExitCode}");
    }

    /// <summary>The facts.</summary>
    /// <exception cref="UserErrorException">The engine does not load.</exception>
    public static EngineFacts Require(bool measurePeak) => Ask(measurePeak) is ({ } facts, _) ? facts : throw Broken(Ask(false).Error);

    private static UserErrorException Broken(string error) => new(ExitCode.Device, new Diagnostic(
        "SL0511",
        $"the engine does not load: {error.Split('\n')[0].Replace("error[SL0510]: ", "", StringComparison.Ordinal)}",
        null,
        "./scalinglab doctor says what is missing and how to get it"));
}
