using ScalingLab.Core.Configs;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Tables;
using ScalingLab.Core.Tests.Runs;

namespace ScalingLab.Core.Tests.Configs;

public sealed class WholeLoopTests
{
    [Fact]
    public void A_sweep_file_becomes_run_folders_that_a_fit_reads_and_a_second_plan_finds_again()
    {
        using var temporary = new TemporaryFolder();
        const string Text = "corpus: {path: a.txt}\nsweep:\n  shapes: [{layers: 1, width: 32}, {layers: 2, width: 64}]\n  flops: [1e11, 2e11]\n  seeds: [1, 2]\n";
        SweepConfig sweep = Sweeps.Config(Text);
        foreach (PlannedRun run in SweepPlan.Of(sweep, sweep.Corpus.TokenizerVocabulary).Runs)
        {
            var folder = new RunFolder(temporary.File(Path.Combine(sweep.Name, run.Id)));
            folder.WriteManifest(Records.Manifest(run));
            RunClaim claim = folder.TryClaim(OwnerIdentity.Current(), TimeProvider.System)!;
            using (JsonLinesWriter<EvalEntry> evaluations = folder.OpenEvaluations(claim))
                foreach (long tokens in run.Config.Evaluation.AtTokens)
                    evaluations.Append(Records.Eval(tokens / 2048, 3 + 1e5 / tokens));
            folder.Finish(Records.Done(run, folder.ReadEvaluations().Entries[^1]), claim);
        }
        ObservationTable table = ObservationTable.Load(temporary.Path);
        Assert.Equal(2 * 2 * 2, table.Rows.Count);
        Assert.Equal(["L1-d32", "L2-d64"], table.Rows.Select(r => r.Group!).Distinct().Order());
        Assert.Equal(4, table.Rows.Count(r => Math.Abs(r.Flops!.Value / 2e11 - 1) < 0.01)); // half a step of 2048 tokens is under 1 %
        Assert.All(
            SweepPlan.Of(Sweeps.Config(SweepConfigWriter.ToYaml(sweep)), 257).Runs,
            run => Assert.True(new RunFolder(temporary.File(Path.Combine(sweep.Name, run.Id))).IsDone));
    }
}
