using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Sweeps;

namespace ScalingLab.Training.Tests.Sweeps;

public sealed class ChangedConfigTests : IDisposable
{
    private readonly SmallRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public void A_worker_refuses_a_run_whose_settings_are_not_those_of_its_name()
    {
        RunFolder folder = Changed();
        UserErrorException error = Assert.Throws<UserErrorException>(() => Worker.Run(folder, run.Root, 1, WorkerSlot.OnCpu(1)[0], TimeProvider.System, null, null, default));
        Assert.Equal(ExitCode.Config, error.ExitCode);
        Assert.Contains("was changed after it was planned", error.Message);
        Assert.Equal(0, folder.LatestAttempt());
    }

    [Fact]
    public void A_sweep_shows_what_was_changed()
    {
        RunFolder folder = Changed();
        var plan = new SweepPlan([new PlannedRun(folder.Id, run.Config, run.Corpus.Vocabulary)], []);
        UserErrorException error = Assert.Throws<UserErrorException>(() => SweepFolders.Prepare(run.Root, new SweepConfig { Name = "changed" }, plan, run.Corpus, new CorpusConfig { Path = "small.txt" }, null, null));
        Assert.Equal(ExitCode.Config, error.ExitCode);
        Assert.EndsWith("was changed after it was planned: training.learning_rate 0.003, now 0.5", error.Message);
    }

    private RunFolder Changed()
    {
        RunFolder folder = run.NewFolder(CanonicalJson.RunId(run.Config));
        RunManifest manifest = folder.ReadManifest()!;
        folder.WriteManifest(manifest with { Config = manifest.Config with { Training = manifest.Config.Training with { LearningRate = 0.5 } } });
        return folder;
    }
}
