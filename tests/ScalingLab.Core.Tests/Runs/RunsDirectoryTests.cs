using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;

namespace ScalingLab.Core.Tests.Runs;

public sealed class RunsDirectoryTests
{
    [Fact]
    public void Runs_are_found_from_the_root_the_sweep_or_the_run_with_their_states()
    {
        using var temporary = new TemporaryFolder();
        OwnerIdentity me = OwnerIdentity.Current();
        Make("a-planned");
        Make("b-running").TryClaim(me, TimeProvider.System);
        Make("c-interrupted").TryClaim(me with { ProcessStart = 1 }, TimeProvider.System);
        File.WriteAllText(Make("d-logged").LogPath, "");
        Make("e-finished").Finish(Records.Done(Records.Plan(tokens: 4096), Records.Eval(2)));
        Make("f-diverged").Finish(Records.Done(Records.Plan(tokens: 4096), null, EndReason.Diverged));
        Directory.CreateDirectory(temporary.File("runs/sweep/no-run"));
        RunState[] expected = [RunState.Planned, RunState.Running, RunState.Interrupted, RunState.Interrupted, RunState.Finished, RunState.Diverged];
        Assert.Equal(expected, RunsDirectory.Enumerate(temporary.File("runs")).Select(r => r.State));
        Assert.Equal(expected, RunsDirectory.Enumerate(temporary.File("runs/sweep/")).Select(r => r.State));
        FoundRun one = Assert.Single(RunsDirectory.Enumerate(temporary.File("runs/sweep/e-finished/")));
        Assert.Equal(("e-finished", EndReason.Completed), (one.Folder.Id, one.Done!.Reason));

        RunFolder Make(string id)
        {
            var folder = new RunFolder(temporary.File($"runs/sweep/{id}"));
            folder.WriteManifest(Records.Manifest(Records.Plan(tokens: 4096)));
            return folder;
        }
    }

    [Fact]
    public void A_folder_that_is_not_there_is_said_to_be_missing() =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<UserErrorException>(() => RunsDirectory.Enumerate("/nowhere/at/all")).ExitCode);
}
