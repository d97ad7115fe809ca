using System.Diagnostics;
using System.Text.Json;
using ScalingLab.Core.Runs;

namespace ScalingLab.Cli.Tests.Status;

/// <summary>Folders of runs in every condition, shown as what they are.</summary>
[Collection(Processes.Name)]
public sealed class StatusTests(UndisturbedSweep undisturbed) : IDisposable
{
    private readonly Sandbox sandbox = new();

    public void Dispose() => sandbox.Dispose();

    [Fact]
    public void Damaged_runs_and_strange_names_are_rows_beside_the_others()
    {
        string sound = Copy("[red]x & <b>");
        Copy("torn log", f => File.AppendAllText(f.LogPath, "{\"step\":"));
        Copy("bad done", f => File.WriteAllText(f.DonePath, "{"));
        Copy("bad log", f => File.WriteAllText(f.LogPath, "no json\n" + File.ReadAllText(f.LogPath)));
        Copy("bad config", f => File.WriteAllText(f.ManifestPath, "[]"));
        Copy("not finite", f => File.WriteAllText(f.LogPath, File.ReadAllText(f.LogPath).Replace("\"loss_nats\":", "\"loss_nats\":null,\"was\":", StringComparison.Ordinal)));
        Copy("half", f => File.Delete(f.DonePath));
        Ended ended = sandbox.Run("status", "runs");
        Assert.True(ended.ExitCode == 6, ended.ToString());
        foreach ((string name, string state) in new[] { ("[red]x & <b>", "finished"), ("torn log", "finished"), ("bad done", "damaged"), ("bad log", "damaged"), ("bad config", "damaged"), ("not finite", "finished"), ("half", "interrupted") })
            Assert.Matches($"(?m)^{System.Text.RegularExpressions.Regex.Escape(name)} +{state} ", ended.Output);
        Assert.EndsWith("\n3 damaged, 1 interrupted, 3 finished\n".Replace("3 damaged, 1 interrupted, 3 finished", Counts(ended), StringComparison.Ordinal), ended.Output);
        Assert.Contains("damaged bad log: ", ended.Error);
        Assert.Contains("log.jsonl:1: damaged line", ended.Error);
        Ended json = sandbox.Run("status", "runs", "--json");
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.Equal(3, document.RootElement.GetProperty("runs").EnumerateArray().Count(r => r.GetProperty("problem").GetString() is not null));
        Assert.Equal(0, sandbox.Run("status", sound).ExitCode);

        static string Counts(Ended ended) => ended.Output.Split('\n')[^2] is { } line && line.Contains("3 damaged", StringComparison.Ordinal) && line.Contains("3 finished", StringComparison.Ordinal) && line.Contains("1 interrupted", StringComparison.Ordinal) ? line : "counts of every state";
    }

    [Fact]
    public void A_pipe_gets_plain_aligned_lines()
    {
        Ended ended = undisturbed.Sandbox.Run("status", "runs");
        string[] lines = ended.Output.Split('\n');
        Assert.Matches("^run +state +tokens +done +loss +bits/byte +curve$", lines[0]);
        Assert.All(lines[1..4], line => Assert.Matches("^L[12]-d[0-9]+-25.6K-s1-[0-9a-f]{8} +finished  25,600  100 %  [0-9.]{6} +[0-9.]{6}  [▁▂▃▄▅▆▇█]{12}$", line));
        Assert.Equal("3 finished", lines[4]);
        Assert.DoesNotContain('\u001b', ended.Output);
    }

    [Fact]
    public void Watching_ends_when_all_runs_have_ended()
    {
        Process sweep = sandbox.Start("sweep", sandbox.ConfigFile, "--jobs", "2");
        sandbox.WaitForStep(5, sweep);
        Ended watched = sandbox.Run("status", "runs", "--watch", "--every", "0.1");
        Assert.True(watched.ExitCode == 0, watched.ToString());
        Assert.Equal(3, watched.Output.Split('\n').Count(l => l.Contains(" finished ", StringComparison.Ordinal))); // each told once
        Assert.Contains(" running ", watched.Output);
        Sandbox.End(sweep);
    }

    [Theory]
    [InlineData("--watch --json", "--watch and --json do not go together")]
    [InlineData("--watch --every 0", "--every is 0; it must be from 0.1 to 86400")]
    public void Contradictions_are_exit_code_2(string arguments, string message)
    {
        Ended ended = undisturbed.Sandbox.Run(["status", "runs", .. arguments.Split(' ')]);
        Assert.True(ended.ExitCode == 2 && ended.Error.Contains(message, StringComparison.Ordinal), ended.ToString());
    }

    [Theory]
    [InlineData("bash", "sweep|status")]
    [InlineData("fish", "sweep|status")]
    public void A_shell_that_is_there_completes_commands(string shell, string expected)
    {
        string script = sandbox.Run("completion", shell).Output;
        Assert.NotEmpty(script);
        File.WriteAllText(Path.Combine(sandbox.Work, "completion"), script);
        string folder = Path.GetDirectoryName(Sandbox.Program)!;
        string[] call = shell == "bash"
            ? ["-c", "PATH=\"$0:$PATH\"; . ./completion; COMP_WORDS=(scalinglab s) COMP_CWORD=1 COMP_LINE='scalinglab s' COMP_POINT=12; _scalinglab; printf '%s\\n' \"${COMPREPLY[@]}\"", folder]
            : ["-c", $"set -x PATH {folder} $PATH; source completion; complete -C 'scalinglab s'"];
        string? program = new[] { $"/bin/{shell}", $"/usr/bin/{shell}" }.FirstOrDefault(File.Exists);
        if (program is null)
            return; // nothing here to ask
        Ended ended = Sandbox.End(sandbox.StartProcess(program, call));
        foreach (string word in expected.Split('|'))
            Assert.True(ended.Output.Split('\n', '\t').Contains(word), ended.ToString());
        Assert.DoesNotContain("fit\n", ended.Output);
    }

    [Fact]
    public void An_unknown_shell_is_told_the_known_ones()
    {
        Ended ended = sandbox.Run("completion", "tcsh");
        Assert.True(ended.ExitCode == 2 && ended.Error.Contains("bash, zsh or fish", StringComparison.Ordinal), ended.ToString());
    }

    private string Copy(string name, Action<RunFolder>? change = null)
    {
        string target = Path.Combine(sandbox.Sweep, name);
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(undisturbed.Sandbox.Folders[0].Path))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        change?.Invoke(new RunFolder(target));
        return target;
    }
}
