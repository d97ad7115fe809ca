using System.Diagnostics;
using System.Text.Json;
using ScalingLab.Core.Runs;

namespace ScalingLab.Cli.Tests.Sweeps;

[Collection(Processes.Name)]
public sealed class StackSweepTests : IDisposable
{
    private const int SigKill = 9, SigTerm = 15;

    // Three seeds of two lengths.
    private const string Config = """
        name: tiny
        corpus: {path: small.txt, held_out_fraction: 0.2}
        model: {layers: 1, width: 8, heads: 1, context_tokens: 16}
        training: {batch_tokens: 128, kernels: reference, schedule: {kind: cosine}}
        evaluation: {tokens: 512}
        logging: {every_steps: 5, checkpoint_steps: 10, checkpoint_seconds: 0}
        sweep:
          seeds: [1, 2, 3]
          tokens: [12800, 25600]

        """;

    private static readonly Lazy<string> Alone = new(() =>
    {
        using Sandbox alone = new(Config);
        Assert.Equal(0, alone.Run("sweep", alone.ConfigFile, "--stack", "off").ExitCode);
        return alone.Results();
    });

    private readonly Sandbox sandbox = new(Config);

    public void Dispose() => sandbox.Dispose();

    [Fact]
    public void A_sweep_in_stacks_leaves_what_a_sweep_of_single_runs_leaves()
    {
        using Sandbox alone = new(Config);
        Ended expected = alone.Run("sweep", alone.ConfigFile);
        Assert.True(expected.ExitCode == 0, expected.ToString());
        Ended stacked = sandbox.Run("sweep", sandbox.ConfigFile, "--stack", "4", "--jobs", "2");
        Assert.True(stacked.ExitCode == 0, stacked.ToString());
        Assert.Contains("6 of 6 runs to train in runs/tiny: ", stacked.Error);
        Assert.Contains(", 2 workers, stacks of up to 3 runs\n", stacked.Error);
        Assert.Contains("6/6 done", stacked.Error);
        Assert.Equal(alone.Results(), sandbox.Results());
        foreach ((RunFolder one, RunFolder other) in alone.Folders.Zip(sandbox.Folders))
        {
            Assert.Equal(Names(one), Names(other));
            Assert.Equal(File.ReadAllText(one.EvalPath), File.ReadAllText(other.EvalPath));
            Assert.Equal(one.ReadLog().Entries.Select(WithoutTimes), other.ReadLog().Entries.Select(WithoutTimes));
            Assert.Equal(one.ReadDone()! with { WallSeconds = 0, JoulesMissing = null }, other.ReadDone()! with { WallSeconds = 0, JoulesMissing = null });
            Assert.Equal((null, 3), (one.ReadManifest()!.Attempts[0].Stack, other.ReadManifest()!.Attempts[0].Stack));
            Assert.DoesNotContain("\"stack\"", File.ReadAllText(one.ManifestPath), StringComparison.Ordinal);
        }

        static string[] Names(RunFolder folder) => [.. Directory.GetFileSystemEntries(folder.Path).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];
        static LogEntry WithoutTimes(LogEntry entry) => entry with { Seconds = 0, TokensPerSecond = 0 };
    }

    [Fact]
    public void A_stack_whose_worker_is_killed_goes_on_from_its_checkpoints_and_one_that_is_stopped_resumes_alone()
    {
        Process sweep = sandbox.Start("sweep", sandbox.ConfigFile, "--stack", "6", "--jobs", "1");
        sandbox.WaitForStep(25, sweep);
        RunFolder victim = sandbox.Folders.First(f => f.ReadManifest()!.Config.Training.Tokens == 25600); // of the longer ones, which the stop finds at work
        Sandbox.Signal(victim.LatestClaim()!.Pid, SigKill);
        while (victim.LatestAttempt() < 2 || !sandbox.Folders.All(f => f.IsDone || f.ReadLog().Entries.LastOrDefault()?.Step >= 55))
            Assert.False(sweep.HasExited, "the sweep ended before its runs got to step 55");
        Sandbox.Signal(sweep.Id, SigTerm);
        Ended stopped = Sandbox.End(sweep);
        Assert.True(stopped.ExitCode == 75, stopped.ToString());
        Assert.Contains($"trying {victim.Id} again: its worker ended with exit code 137", stopped.Error);
        Ended resumed = sandbox.Run("resume", "runs/tiny");
        Assert.True(resumed.ExitCode == 0, resumed.ToString());
        Assert.Equal([6, 6, null], victim.ReadManifest()!.Attempts.Select(a => a.Stack));
        Assert.Equal(Alone.Value, sandbox.Results());
    }

    /// <summary>Neither parent nor worker gets to say anything. Six runs of one stack stand at their last checkpoints, and one of those is cut short as by a power loss.</summary>
    [Fact]
    public void A_stacked_sweep_killed_with_its_worker_goes_on_from_its_last_good_checkpoints()
    {
        Process sweep = sandbox.Start("sweep", sandbox.ConfigFile, "--stack", "6", "--jobs", "1");
        sandbox.WaitForStep(25, sweep);
        int worker = sandbox.Folders[0].LatestClaim()!.Pid;
        Assert.All(sandbox.Folders, f => Assert.Equal(worker, f.LatestClaim()!.Pid)); // one process trains them all
        Sandbox.Signal(sweep.Id, SigKill);
        Sandbox.Signal(worker, SigKill);
        sweep.WaitForExit();
        RunFolder[] unfinished = [.. sandbox.Folders.Where(f => !f.IsDone)];
        Assert.True(unfinished.Length >= 3, "the sweep was killed too late");
        Assert.All(unfinished, f => Assert.InRange(f.Checkpoints()[0], 10, f.ReadManifest()!.Config.Training.Tokens / 128));
        RunFolder cut = unfinished[^1];
        string damaged = cut.CheckpointPath(cut.Checkpoints()[0]);
        File.AppendAllText(Path.Combine(damaged, "weights.safetensors"), "x");
        Ended resumed = sandbox.Run("resume", "runs/tiny", "--stack", "6", "--jobs", "1");
        Assert.True(resumed.ExitCode == 0, resumed.ToString());
        Assert.Contains(Path.GetFileName(damaged), resumed.Error);
        Assert.All(unfinished, f => Assert.Equal(2, f.ReadManifest()!.Attempts.Count));
        Assert.Equal(unfinished.Length, cut.ReadManifest()!.Attempts[^1].Stack);
        Assert.Equal(Alone.Value, sandbox.Results());
    }

    [Fact]
    public void A_dry_run_shows_stacks_with_their_size_and_memory()
    {
        Ended ended = sandbox.Run("sweep", sandbox.ConfigFile, "--dry-run", "--json", "--stack", "4");
        Assert.True(ended.ExitCode == 0, ended.ToString());
        JsonElement stacks = JsonDocument.Parse(ended.Output).RootElement.GetProperty("stacks");
        Assert.Equal([3, 3], stacks.EnumerateArray().Select(s => s.GetProperty("size").GetInt32()));
        Assert.All(stacks.EnumerateArray(), s => Assert.InRange(s.GetProperty("memoryBytes").GetDouble(), 1e8, 2e9));
        Assert.Equal(6, stacks.EnumerateArray().SelectMany(s => s.GetProperty("runs").EnumerateArray()).Select(r => r.GetString()).Distinct().Count());
        Assert.Matches(@"L1-d8 +3 +76,800 +25,600 +0\.\d", sandbox.Run("sweep", sandbox.ConfigFile, "--dry-run", "--stack", "4").Output);
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(sandbox.Run("sweep", sandbox.ConfigFile, "--dry-run", "--json").Output).RootElement.GetProperty("stacks").ValueKind);
        Assert.Contains("--kernels reference makes them equal", sandbox.Run("sweep", sandbox.ConfigFile, "--dry-run", "--stack", "4", "--kernels", "fused").Error);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-2")]
    [InlineData("many")]
    [InlineData("5000")]
    public void A_stack_of_no_number_of_runs_is_refused(string stack)
    {
        Ended ended = sandbox.Run("sweep", sandbox.ConfigFile, $"--stack={stack}");
        Assert.Equal(2, ended.ExitCode);
        Assert.Contains($"--stack is '{stack}'", ended.Error);
        Assert.Contains("auto, off or a number of runs from 1 to 4096", ended.Error);
    }
}
