using System.ComponentModel;
using System.Diagnostics;

namespace ScalingLab.Cli.Machine;

/// <summary>What a child process wrote and how it ended.</summary>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="TimedOut">Whether it was killed at the limit; then the rest is empty.</param>
/// <param name="ExitCode">As a shell reports it: 128 + n after signal n, 127 when there is no such program.</param>
internal sealed record ProcessOutput(int ExitCode, string Output, string Error, bool TimedOut)
{
    /// <summary>Runs a program to its end, or until the limit, at which it is killed.</summary>
    public static ProcessOutput Of(string program, IEnumerable<string> arguments, TimeSpan limit) => Of(new ProcessStartInfo(program, arguments), limit);

    /// <summary>The same from start information, whose streams are redirected here.</summary>
    public static ProcessOutput Of(ProcessStartInfo start, TimeSpan limit)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(limit))
            {
                process.Kill(entireProcessTree: true);
                return new(137, "", "", TimedOut: true);
            }

            return new(process.ExitCode, output.Result, error.Result, TimedOut: false);
        }
        catch (Win32Exception)
        {
            return new(127, "", $"{start.FileName}: not found", TimedOut: false);
        }
    }
}
