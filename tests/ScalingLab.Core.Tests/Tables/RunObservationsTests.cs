using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Tables;
using ScalingLab.Core.Tests.Runs;

namespace ScalingLab.Core.Tests.Tables;

public sealed class RunObservationsTests : IDisposable
{
    private readonly TemporaryFolder temporary = new();

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void A_trunk_gives_an_observation_at_every_planned_token_count()
    {
        PlannedRun run = Records.Plan(ScheduleKind.Constant, 50 * 2048, 100 * 2048);
        RunFolder folder = Make("trunk", run);
        Write(folder, Records.Eval(10), Records.Eval(50, 4.0, 1e12), Records.Eval(70), Records.Eval(100, 3.5, 2e12));
        folder.Finish(Records.Done(run, Records.Eval(100, 3.5, 2e12), measured: 2e12));
        ObservationTable table = ObservationTable.FromRuns(temporary.Path);
        ParameterCounts counts = ParameterCounts.Of(run.Config.Model, 257);
        Assert.Equal(
            [
                new Observation { Run = run.Id, ParametersTotal = counts.Total, ParametersNonEmbedding = counts.NonEmbedding, ParametersWithHead = counts.WithHead, Tokens = 102_400, UniqueTokens = 102_400, Flops = 1e12, Loss = 4.0, Group = "L2-d64", Steps = 50, BatchTokens = 2048 },
                new Observation { Run = run.Id, ParametersTotal = counts.Total, ParametersNonEmbedding = counts.NonEmbedding, ParametersWithHead = counts.WithHead, Tokens = 204_800, UniqueTokens = 150_000, Flops = 2e12, Loss = 3.5, Group = "L2-d64", Steps = 100, BatchTokens = 2048 },
            ],
            table.Rows);
        Assert.Empty(table.Notes);
    }

    [Fact]
    public void A_run_with_a_cosine_gives_only_its_end_and_counted_flops_are_said_to_be_counted()
    {
        PlannedRun run = Records.Plan(ScheduleKind.Cosine, 100 * 2048);
        RunFolder folder = Make("cosine", run);
        Write(folder, Records.Eval(50), Records.Eval(100, 3.5));
        folder.Finish(Records.Done(run, Records.Eval(100, 3.5)));
        ObservationTable table = ObservationTable.FromRuns(temporary.Path);
        Assert.Equal((3.5, run.Flops), (Assert.Single(table.Rows).Loss, table.Rows[0].Flops));
        Assert.Contains("counted", "counted: " + Assert.Single(table.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_without_a_good_end_are_left_out_and_listed_with_the_reason()
    {
        PlannedRun run = Records.Plan(ScheduleKind.Cosine, 100 * 2048);
        Make("a", run).Finish(Records.Done(run, Records.Eval(100)));
        Make("b", run).Finish(Records.Done(run, Records.Eval(90), EndReason.Diverged));
        File.WriteAllText(Make("c", run).LogPath, "");
        Make("d", run);
        Make("e", run).Finish(Records.Done(run, Records.Eval(100, null)));
        Make("f", run).TryClaim(OwnerIdentity.Current(), TimeProvider.System);
        ObservationTable table = ObservationTable.FromRuns(temporary.Path);
        Assert.Single(table.Rows);
        Assert.Equal(
            ["b: diverged", "c: interrupted; resume it", "d: not started", "e: its loss at 204800 tokens was not finite", "f: still running"],
            table.Excluded.Select(e => $"{e.Run}: {e.Reason}"));
    }

    private static void Write(RunFolder folder, params EvalEntry[] entries)
    {
        using JsonLinesWriter<EvalEntry> evaluations = folder.OpenEvaluations();
        foreach (EvalEntry entry in entries)
            evaluations.Append(entry);
    }

    private RunFolder Make(string id, PlannedRun run)
    {
        var folder = new RunFolder(temporary.File($"sweep/{id}"));
        folder.WriteManifest(Records.Manifest(run));
        return folder;
    }
}
