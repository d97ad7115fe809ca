using System.Diagnostics;

namespace ScalingLab.Cli.Tests.Commands;

/// <summary>What only a process of its own shows: a reader that goes away, another locale, tables for people.</summary>
[Collection(InProcess.Name)]
public sealed class FitProcessTests : IDisposable
{
    private readonly TableFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_reader_that_goes_away_is_no_error()
    {
        var ended = Run("/bin/bash", ["-c", "set -o pipefail; \"$0\" fit \"$1\" --bootstrap 2000 --json | head -c 100; exit ${PIPESTATUS[0]}", Sandbox.Program, folder.Runs], []);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.Equal("", ended.Error);
    }

    [Fact]
    public void A_german_locale_changes_no_digit()
    {
        string[] arguments = ["fit", folder.Runs, "--bootstrap", "20", "--intervals", "both", "--at", "flops=1e21"];
        var german = Run(Sandbox.Program, arguments, new() { ["LANG"] = "de_DE.UTF-8", ["LC_ALL"] = "de_DE.UTF-8" });
        var own = Run(Sandbox.Program, arguments, []);
        Assert.Equal(0, german.ExitCode);
        string Timeless(string text) => string.Join('\n', text.Split('\n').Where(l => !l.StartsWith("bootstrap:", StringComparison.Ordinal)));
        Assert.Equal(Timeless(own.Output), Timeless(german.Output));
        Assert.Contains("by profile", german.Output);
        Assert.Contains("95 % of a new run", german.Output);
        Assert.Contains("of the mean", german.Output);
    }

    private static Ended Run(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        return Sandbox.End(process);
    }
}
