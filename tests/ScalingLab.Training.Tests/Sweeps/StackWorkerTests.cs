using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Energy;
using ScalingLab.Training.Sweeps;
using ScalingLab.Training.Tests.Energy;

namespace ScalingLab.Training.Tests.Sweeps;

public sealed class StackWorkerTests : IDisposable
{
    private readonly SmallRun run = new();

    public void Dispose() => run.Dispose();

    public static TheoryData<string> Differences => new("shape", "batch", "kernels", "dtype", "corpus");

    /// <summary>Seed, learning rate and length may differ; what the step is made of may not.</summary>
    [Theory]
    [MemberData(nameof(Differences))]
    public void Runs_that_cannot_share_a_step_are_refused_before_any_is_claimed(string difference)
    {
        RunConfig like = Config(1), unlike = Config(2);
        TrainingConfig training = unlike.Training;
        unlike = difference switch
        {
            "shape" => unlike with { Model = unlike.Model with { Layers = 2 } },
            "batch" => unlike with { Training = training with { BatchTokens = 2 * training.BatchTokens } },
            "kernels" => unlike with { Training = training with { Kernels = KernelChoice.Fused } },
            "dtype" => unlike with { Training = training with { Dtype = ProductType.Bf16 } },
            _ => unlike with { Corpus = unlike.Corpus with { Path = "another.txt" } },
        };
        RunFolder[] folders = [Folder(like), Folder(Config(3)), Folder(unlike)];
        UserErrorException error = Assert.Throws<UserErrorException>(() => StackWorker.Run(folders, Path.Combine(run.Root, "cache"), 1, WorkerSlot.OnCpu(1)[0], TimeProvider.System, null, null, default));
        Assert.Equal(ExitCode.Config, error.ExitCode);
        Diagnostic told = Assert.Single(error.Diagnostics);
        Assert.Equal(("SL0392", $"{folders[2].Id} cannot be stacked with {folders[0].Id}: shape, batch, corpus, kernels or type differ"), (told.Code, told.Message));
        Assert.Equal(folders[2].ManifestPath, told.Location!.File);
        Assert.All(folders, f => Assert.Equal((0, false), (f.LatestAttempt(), f.IsDone)));
    }

    [FakeDriverFact]
    public void Each_run_writes_its_share_of_what_the_gpu_used_and_the_boards_other_sensors()
    {
        using var driver = new FakeDriver();
        CudaDriver gpus = CudaDriver.Ask(driver.Cuda);
        RunFolder[] folders = [Folder(Config(1)), Folder(Config(2)), Folder(Config(3))];
        var clock = new SmallRun.HastyClock();
        int told = 0;
        Assert.Equal(ExitCode.Success, StackWorker.Train([.. folders.Select(f => (f, f.ReadManifest()!))], run.Corpus, 1, WorkerSlot.OnCpu(1)[0], clock, Report, null, (members, _) => EnergyMeters.OfStack(members, DeviceName.Cuda(0), alone: true, gpus, clock, driver.Nvml), default));
        Assert.All(folders, f =>
        {
            DoneRecord done = f.ReadDone()!;
            Assert.Equal((2.0, "nvml-stack-share", null), (done.Joules, done.JoulesSource, done.JoulesMissing));
            LogEntry last = f.ReadLog().Entries[^1];
            Assert.Equal((2.0, 310.5, 61.0, 1980.0), (last.Joules, last.PowerWatts, last.TemperatureCelsius, last.SmClockMhz));
        });
        Assert.Equal(0, driver.Opened);

        void Report(WorkerMessage message)
        {
            if (message.Step == 5 && Interlocked.Increment(ref told) == 1)
                driver.Say(millijoules: 6_000, milliwatts: 310_500); // once, while all three run
        }
    }

    private RunConfig Config(int seed) => run.Config with { Training = run.Config.Training with { Seed = seed, Kernels = KernelChoice.Reference } };

    private RunFolder Folder(RunConfig config) => run.NewFolder(CanonicalJson.RunId(config), config);
}
