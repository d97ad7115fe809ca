using System.Diagnostics;

namespace ScalingLab.Cli;

/// <summary>Starts of this program as a child of itself.</summary>
internal static class ChildProcess
{
    /// <summary>Start information with the given arguments.</summary>
    public static ProcessStartInfo Start(params ReadOnlySpan<string> arguments)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        var start = new ProcessStartInfo(program);
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") // run as `dotnet scalinglab.dll`
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "scalinglab.dll"));
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }
}
