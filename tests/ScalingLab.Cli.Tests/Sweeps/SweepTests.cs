using System.Diagnostics;
using System.Text.Json;
using ScalingLab.Core.Runs;

namespace ScalingLab.Cli.Tests.Sweeps;

[Collection(Processes.Name)]
public sealed class SweepTests(UndisturbedSweep undisturbed) : IDisposable
{
    private const int SigInt = 2, SigKill = 9, SigTerm = 15, SigCont = 18, SigStop = 19;

    private readonly Sandbox sandbox = new();

    public void Dispose() => sandbox.Dispose();

    [Fact]
    public void A_sweep_leaves_the_files_of_a_run_folder()
    {
        Assert.True(undisturbed.Ended.ExitCode == 0, undisturbed.Ended.ToString());
        Assert.Contains("3 of 3 runs to train in runs/tiny: ", undisturbed.Ended.Error);
        Assert.Matches("\n3/3 done · finished L1-d8-[^ ]+ · loss [0-9.]{6}\n", undisturbed.Ended.Error); // the smallest comes last
        Assert.Matches("\n3/3 done in [0-9ms]+: runs/tiny\n$", undisturbed.Ended.Error);
        Assert.Equal(Sandbox.Runs, undisturbed.Sandbox.Folders.Count);
        foreach (RunFolder folder in undisturbed.Sandbox.Folders)
        {
            Assert.Equal(
                ["checkpoint-190", "checkpoint-200", "claim.1", "config.json", "done.json", "eval.jsonl", "log.jsonl"],
                Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            RunManifest manifest = folder.ReadManifest()!;
            Assert.Equal((folder.Id, "tiny", "cpu", 257), (manifest.RunId, manifest.Sweep, manifest.Device, manifest.Vocabulary));
            Assert.NotNull(manifest.Libtorch);
            Assert.Equal(64, manifest.CorpusSha256!.Length);
            Assert.Single(manifest.Attempts);
            Assert.Equal([12800, 25600], folder.ReadEvaluations().Entries.Select(e => e.Tokens));
            Assert.Equal([1, .. Enumerable.Range(1, 40).Select(i => 5L * i)], folder.ReadLog().Entries.Select(e => e.Step));
            Assert.Equal(EndReason.Completed, folder.ReadDone()!.Reason);
            Assert.True(folder.LatestClaim()!.Released);
        }
    }

    [Fact]
    public void A_finished_sweep_that_is_started_again_trains_nothing()
    {
        string[] before = Listing();
        Ended again = undisturbed.Sandbox.Run("sweep", undisturbed.Sandbox.ConfigFile);
        Assert.True(again is { ExitCode: 0, Error: "all 3 runs of runs/tiny are finished\n" }, again.ToString());
        Ended resumed = undisturbed.Sandbox.Run("resume", "runs/tiny");
        Assert.True(resumed is { ExitCode: 0, Error: "all 3 runs of runs/tiny are finished\n" }, resumed.ToString());
        Assert.Equal(before, Listing());

        // The report is written again, since the program may have changed; the runs are not.
        string[] Listing() => [.. undisturbed.Sandbox.Folders.SelectMany(f => Directory.GetFiles(f.Path, "*", SearchOption.AllDirectories)).Order().Select(f => $"{f} {File.GetLastWriteTimeUtc(f).Ticks}")];
    }

    [Fact]
    public void A_killed_worker_is_replaced_and_the_results_are_those_of_an_undisturbed_sweep()
    {
        Process sweep = sandbox.Start("sweep", sandbox.ConfigFile);
        RunFolder victim = sandbox.WaitForStep(45, sweep);
        Sandbox.Signal(victim.LatestClaim()!.Pid, SigKill);
        Ended ended = Sandbox.End(sweep);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.Contains($"trying {victim.Id} again: its worker ended with exit code 137", ended.Error);
        Assert.Equal(2, victim.ReadDone()!.Attempt);
        Assert.Equal(undisturbed.Sandbox.Results(), sandbox.Results());
    }

    [Fact]
    public void A_killed_sweep_that_is_resumed_at_once_waits_for_the_workers_that_outlived_it()
    {
        Process sweep = sandbox.Start("sweep", sandbox.ConfigFile, "--jobs", "2");
        RunFolder slow = sandbox.WaitForStep(45, sweep);
        int worker = slow.LatestClaim()!.Pid;
        Sandbox.Signal(worker, SigStop);
        Sandbox.Signal(sweep.Id, SigKill); // its workers live on until they see their input end
        Process resume = sandbox.Start("resume", "runs");
        while (!resume.HasExited && sandbox.Folders.Any(f => f.Id != slow.Id && !f.IsDone))
            Thread.Sleep(20);
        Sandbox.Signal(worker, SigCont);
        Ended resumed = Sandbox.End(resume);
        Assert.True(resumed.ExitCode == 0, resumed.ToString());
        Assert.Contains($"waiting for {slow.Id}: process {worker} on ", resumed.Error);
        Assert.Contains("3/3 done", resumed.Error);
        Assert.Equal(2, slow.ReadDone()!.Attempt);
        Assert.Equal(undisturbed.Sandbox.Results(), sandbox.Results());
    }

    [Fact]
    public void A_sweep_and_all_its_workers_killed_together_goes_on_from_their_last_good_checkpoints()
    {
        Process sweep = sandbox.Start("sweep", sandbox.ConfigFile, "--jobs", "2");
        RunFolder first = sandbox.WaitForStep(75, sweep);
        Sandbox.Signal(sweep.Id, SigKill);
        foreach (RunFolder folder in sandbox.Folders.Where(f => f.LatestClaim() is not null))
            Process.GetProcessById(folder.LatestClaim()!.Pid).Kill();
        string damaged = first.CheckpointPath(first.Checkpoints()[0]);
        File.AppendAllText(Path.Combine(damaged, "weights.safetensors"), "x"); // as if the kill had been a power loss
        Ended again = sandbox.Run("sweep", sandbox.ConfigFile);
        Assert.True(again.ExitCode == 0, again.ToString());
        Assert.Contains($"warning: {first.Id}: passed over {Path.GetFileName(damaged)}: weights.safetensors has", again.Error);
        Assert.Equal(2, first.ReadDone()!.Attempt);
        Assert.Equal(undisturbed.Sandbox.Results(), sandbox.Results());
    }

    [Theory]
    [InlineData(SigInt)]
    [InlineData(SigTerm)]
    public void A_signal_checkpoints_every_run_and_says_how_to_go_on(int signal)
    {
        Process sweep = sandbox.Start("sweep", sandbox.ConfigFile, "--jobs", "2");
        RunFolder running = sandbox.WaitForStep(15, sweep);
        Sandbox.Signal(sweep.Id, signal);
        Ended stopped = Sandbox.End(sweep);
        Assert.True(stopped.ExitCode == 75, stopped.ToString());
        Assert.Contains("stopping: each run writes a checkpoint; again to stop at once\n", stopped.Error);
        Assert.Matches("\nstopped after [0-9ms]+; to go on: scalinglab resume runs/tiny\n$", stopped.Error);
        Assert.Contains($"0/3 done · checkpointed {running.Id}\n", stopped.Error);
        Assert.Equal(running.ReadLog().Entries[^1].Step / 5, running.Checkpoints()[0] / 5); // that of the step it was at, not of the tenth before
        Assert.True(running.LatestClaim()!.Released);
        if (signal != SigInt)
            return;
        Ended resumed = sandbox.Run("resume", "runs/tiny");
        Assert.True(resumed.ExitCode == 0, resumed.ToString());
        Assert.Equal(undisturbed.Sandbox.Results(), sandbox.Results());
    }

    [Fact]
    public void A_second_Ctrl_C_ends_the_sweep_at_once()
    {
        Process sweep = sandbox.Start("sweep", sandbox.ConfigFile, "--jobs", "1");
        int worker = sandbox.WaitForStep(15, sweep).LatestClaim()!.Pid;
        Sandbox.Signal(worker, SigStop); // one that cannot react
        Sandbox.Signal(sweep.Id, SigInt);
        Thread.Sleep(300);
        Assert.False(sweep.HasExited);
        var watch = Stopwatch.StartNew();
        Sandbox.Signal(sweep.Id, SigInt);
        Ended ended = Sandbox.End(sweep);
        Assert.True(ended.ExitCode == 130, ended.ToString());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
        Assert.Matches("\nstopped after [0-9ms]+; to go on: scalinglab resume runs/tiny\n$", ended.Error);
        Assert.Null(OwnerIdentity.StartOf(worker));
    }

    [Fact]
    public async Task Two_sweeps_of_one_folder_share_its_runs()
    {
        Process one = sandbox.Start("sweep", sandbox.ConfigFile), two = sandbox.Start("sweep", sandbox.ConfigFile);
        Ended[] both = await Task.WhenAll(Task.Run(() => Sandbox.End(one)), Task.Run(() => Sandbox.End(two)));
        Assert.All(both, ended => Assert.True(ended.ExitCode == 0, ended.ToString()));
        Assert.All(sandbox.Folders, f => Assert.Equal((1, 1), (f.LatestAttempt(), f.ReadDone()!.Attempt)));
        Assert.All(sandbox.Folders, f => Assert.Single(f.ReadManifest()!.Attempts));
        Assert.Equal(undisturbed.Sandbox.Results(), sandbox.Results());
    }

    [Fact]
    public void A_run_that_diverges_is_shown_as_such_and_ends_no_sweep()
    {
        Ended ended = sandbox.Run("sweep", sandbox.ConfigFile, "--set", "training.learning_rate=1e9", "--set", "training.learning_rate_cap=1e9", "--set", "sweep.shapes=[{layers: 1, width: 8}]", "--set", "training.gradient_clip=0");
        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.Matches("1/1 done · diverged L1-d8-[^ ]+ after [0-9,]+ tokens: no observation for a fit\n", ended.Error);
        Ended export = sandbox.Run("export", "runs");
        Assert.True(export.ExitCode == 2 && export.Error.Contains("diverged", StringComparison.Ordinal), export.ToString());
        Assert.Contains("1 diverged", sandbox.Run("status", "runs").Output);
    }

    [Fact]
    public void A_German_environment_changes_no_output()
    {
        foreach (string[] command in new string[][] { ["status", "runs", "--json"], ["sweep", undisturbed.Sandbox.ConfigFile, "--dry-run", "--json"], ["status", "runs"], ["export", "runs"] })
        {
            Ended plain = undisturbed.Sandbox.Run(command);
            undisturbed.Sandbox.Environment["LANG"] = undisturbed.Sandbox.Environment["LC_ALL"] = "de_DE.UTF-8";
            undisturbed.Sandbox.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "0";
            Ended german = undisturbed.Sandbox.Run(command);
            undisturbed.Sandbox.Environment.Clear();
            Assert.Equal(0, plain.ExitCode);
            Assert.NotEmpty(plain.Output);
            Assert.Equal(plain, german);
            if (command.Contains("--json"))
                JsonDocument.Parse(plain.Output).RootElement.GetProperty("schema");
        }
    }
}
