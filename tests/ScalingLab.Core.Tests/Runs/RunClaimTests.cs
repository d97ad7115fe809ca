using System.Diagnostics;
using ScalingLab.Core.Runs;

namespace ScalingLab.Core.Tests.Runs;

public sealed class RunClaimTests : IDisposable
{
    private static readonly OwnerIdentity Me = OwnerIdentity.Current();
    private static readonly OwnerIdentity Elsewhere = Me with { Host = "elsewhere", BootId = "another" };

    private readonly TemporaryFolder temporary = new();
    private readonly StandingClock clock = new();

    private RunFolder Folder => new(temporary.Path);

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void Of_many_threads_that_race_for_a_run_exactly_one_gets_it()
    {
        for (int round = 0; round < 50; round++)
        {
            string path = temporary.File($"run-{round}");
            using var start = new Barrier(8);
            RunClaim?[] claims = new RunClaim?[8];
            Thread[] threads = [.. Enumerable.Range(0, 8).Select(i => new Thread(() =>
            {
                start.SignalAndWait();
                claims[i] = new RunFolder(path).TryClaim(Me, clock);
            }))];
            foreach (Thread thread in threads)
                thread.Start();
            foreach (Thread thread in threads)
                thread.Join();
            Assert.Equal(1, Assert.Single(claims, c => c is not null)!.Attempt);
        }
    }

    [Fact]
    public void A_run_whose_process_is_gone_is_taken_over_at_once_and_one_whose_process_lives_never()
    {
        using Process sleeper = Process.Start("sleep", "60");
        OwnerIdentity owner = Me with { Pid = sleeper.Id, ProcessStart = OwnerIdentity.StartOf(sleeper.Id) };
        Assert.Equal(1, Folder.TryClaim(owner, clock)!.Attempt);
        clock.Now += TimeSpan.FromDays(30); // silent, stopped perhaps, but alive
        Assert.Null(Folder.TryClaim(Me, clock));
        Assert.True(Folder.HasLivingOwner(Me, clock));
        sleeper.Kill();
        sleeper.WaitForExit();
        Assert.False(Folder.HasLivingOwner(Me, clock));
        Assert.Equal(2, Folder.TryClaim(Me, clock)!.Attempt);
    }

    [Fact]
    public void A_process_id_that_was_given_to_another_process_is_no_living_owner()
    {
        Folder.TryClaim(Me with { ProcessStart = Me.ProcessStart - 1 }, clock);
        Assert.Equal(2, Folder.TryClaim(Me, clock)!.Attempt);
    }

    [Fact]
    public void A_run_claimed_before_the_machine_was_booted_again_is_free()
    {
        Folder.TryClaim(Me with { BootId = "before" }, clock);
        Assert.Equal(2, Folder.TryClaim(Me, clock)!.Attempt);
    }

    [Fact]
    public void A_run_of_another_machine_is_free_only_after_a_lease_without_a_heartbeat()
    {
        RunClaim theirs = Folder.TryClaim(Elsewhere, clock)!;
        clock.Now += TimeSpan.FromMinutes(9);
        Assert.Null(Folder.TryClaim(Me, clock));
        Assert.True(theirs.Beat());
        clock.Now += TimeSpan.FromMinutes(9);
        Assert.Null(Folder.TryClaim(Me, clock));
        clock.Now += TimeSpan.FromMinutes(2);
        Assert.Equal(2, Folder.TryClaim(Me, clock)!.Attempt);
    }

    [Fact]
    public void An_owner_that_wakes_after_a_takeover_can_write_nothing()
    {
        RunClaim stale = Folder.TryClaim(Elsewhere, clock)!;
        using JsonLinesWriter<LogEntry> log = Folder.OpenLog(stale);
        log.Append(Records.Log(1));
        clock.Now += TimeSpan.FromHours(1);
        RunClaim mine = Folder.TryClaim(Me, clock)!;
        Assert.False(stale.IsStillMine);
        Assert.False(stale.Beat());
        Assert.Throws<ClaimLostException>(() => log.Append(Records.Log(2)));
        Assert.Throws<ClaimLostException>(() => Folder.Finish(Records.Done(Records.Plan(tokens: 4096), null), stale));
        Assert.True(mine.IsStillMine);
        Assert.Single(Folder.ReadLog().Entries);
        Assert.False(Folder.IsDone);
    }

    [Fact]
    public void A_released_run_is_free_at_once_on_any_machine_and_a_finished_one_never()
    {
        Folder.TryClaim(Elsewhere, clock)!.Release();
        RunClaim mine = Folder.TryClaim(Me, clock)!;
        Assert.Equal(2, mine.Attempt);
        Folder.Finish(Records.Done(Records.Plan(tokens: 4096), null), mine);
        mine.Release();
        Assert.Null(Folder.TryClaim(Me, clock));
    }

    [Fact]
    public void A_claim_whose_writer_died_before_filling_it_holds_for_half_a_minute()
    {
        File.WriteAllText(Folder.ClaimPath(1), "");
        File.SetLastWriteTimeUtc(Folder.ClaimPath(1), clock.Now.UtcDateTime);
        Assert.Null(Folder.TryClaim(Me, clock));
        clock.Now += TimeSpan.FromSeconds(31);
        Assert.Equal(2, Folder.TryClaim(Me, clock)!.Attempt);
    }

    [Fact]
    public void The_start_of_a_process_is_read_past_any_program_name()
    {
        const string Fields = " S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1 1";
        Assert.Equal(987654, OwnerIdentity.StartField($"7 (a) b (c){Fields}"));
        Assert.Null(OwnerIdentity.StartField($"7 (gone){Fields.Replace(" S ", " Z ", StringComparison.Ordinal)}"));
        Assert.NotNull(Me.ProcessStart);
    }
}
