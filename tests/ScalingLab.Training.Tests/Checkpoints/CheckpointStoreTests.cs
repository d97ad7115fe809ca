using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Checkpoints;

namespace ScalingLab.Training.Tests.Checkpoints;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly SmallRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public void A_trainer_put_back_goes_on_bit_for_bit()
    {
        RunFolder folder = run.NewFolder("run");
        using Trainer straight = run.NewTrainer();
        for (int i = 0; i < 6; i++)
            straight.Step();
        new CheckpointStore(folder).Save(straight, SmallRun.State(folder, straight));
        using Trainer resumed = run.NewTrainer();
        Assert.Equal(6, new CheckpointStore(folder).Load(resumed, out IReadOnlyList<string> rejected)!.Step);
        Assert.Empty(rejected);
        Assert.Equal(SmallRun.BitsOf(straight), SmallRun.BitsOf(resumed));
        for (int i = 0; i < 5; i++)
            Assert.Equal(straight.Step(), resumed.Step());
        Assert.Equal(SmallRun.BitsOf(straight), SmallRun.BitsOf(resumed));
        Assert.Equal(straight.Evaluate(), resumed.Evaluate());
    }

    [Fact]
    public void Only_the_last_two_are_kept()
    {
        RunFolder folder = run.NewFolder("run");
        SaveEachStep(folder, 4, out _);
        Assert.Equal([4, 3], folder.Checkpoints());
        Assert.Equal(["checkpoint-3", "checkpoint-4"], Directory.GetDirectories(folder.Path).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("weights.safetensors", 131)]
    [InlineData("optimizer.safetensors", 263)]
    [InlineData("state.json", 7)]
    [InlineData("manifest.json", 1)]
    public void A_flipped_bit_in_any_file_falls_back_to_the_checkpoint_before(string file, int stride)
    {
        RunFolder folder = run.NewFolder("run");
        Dictionary<long, byte[]> bits = SaveEachStep(folder, 2, out _);
        string path = Path.Combine(folder.CheckpointPath(2), file);
        byte[] whole = File.ReadAllBytes(path);
        using Trainer trainer = run.NewTrainer();
        for (int at = 0; at < whole.Length; at += stride)
        {
            byte[] flipped = [.. whole];
            flipped[at] ^= (byte)(1 << (at % 8));
            File.WriteAllBytes(path, flipped);
            CheckpointState? state = new CheckpointStore(folder).Load(trainer, out IReadOnlyList<string> rejected);
            if (file != "manifest.json" || state!.Step == 1) // a changed name of an unknown member leaves a manifest true
            {
                Assert.Equal(1, state!.Step);
                Assert.StartsWith("checkpoint-2: ", Assert.Single(rejected));
            }

            Assert.Equal(bits[state.Step], SmallRun.BitsOf(trainer));
            Assert.Equal(state.Step, trainer.StepsDone);
        }
    }

    [Theory]
    [InlineData("weights.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("state.json")]
    [InlineData("manifest.json")]
    public void A_missing_empty_or_short_file_falls_back_to_the_checkpoint_before(string file)
    {
        RunFolder folder = run.NewFolder("run");
        Dictionary<long, byte[]> bits = SaveEachStep(folder, 2, out _);
        string path = Path.Combine(folder.CheckpointPath(2), file);
        byte[] whole = File.ReadAllBytes(path);
        using Trainer trainer = run.NewTrainer();
        foreach (int length in new[] { whole.Length - 1, whole.Length / 2, 0, -1 })
        {
            File.Delete(path);
            if (length >= 0)
                File.WriteAllBytes(path, whole[..length]);
            Assert.Equal(1, new CheckpointStore(folder).Load(trainer, out _)!.Step);
            Assert.Equal(bits[1], SmallRun.BitsOf(trainer));
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""{"files":null}""")]
    [InlineData("""{"files":[null]}""")]
    [InlineData("""{"files":[]}""")]
    [InlineData("[]")]
    public void A_manifest_that_lists_nothing_is_passed_over(string manifest)
    {
        RunFolder folder = run.NewFolder("run");
        SaveEachStep(folder, 2, out _);
        File.WriteAllText(Path.Combine(folder.CheckpointPath(2), "manifest.json"), manifest);
        using Trainer trainer = run.NewTrainer();
        Assert.Equal(1, new CheckpointStore(folder).Load(trainer, out _)!.Step);
    }

    [Fact]
    public void A_folder_that_was_being_written_is_ignored_and_later_replaced()
    {
        RunFolder folder = run.NewFolder("run");
        SaveEachStep(folder, 2, out Trainer saved);
        using Trainer at2 = saved;
        string partial = Directory.CreateDirectory(folder.CheckpointPath(3) + ".partial").FullName;
        File.WriteAllText(Path.Combine(partial, "weights.safetensors"), "half");
        using Trainer trainer = run.NewTrainer();
        Assert.Equal(2, new CheckpointStore(folder).Load(trainer, out IReadOnlyList<string> rejected)!.Step);
        Assert.Empty(rejected);
        at2.Step();
        new CheckpointStore(folder).Save(at2, SmallRun.State(folder, at2));
        Assert.False(Directory.Exists(partial));
        Assert.Equal(3, new CheckpointStore(folder).Load(trainer, out _)!.Step);
    }

    [Fact]
    public void Weights_of_another_shape_are_refused_and_the_trainer_stays_as_it_was()
    {
        RunFolder folder = run.NewFolder("run");
        SaveEachStep(folder, 2, out _);
        using Trainer other = run.NewTrainer(run.Config with { Model = run.Config.Model with { Width = 16 } });
        byte[] before = SmallRun.BitsOf(other);
        Assert.Null(new CheckpointStore(folder).Load(other, out IReadOnlyList<string> rejected));
        Assert.Equal(2, rejected.Count);
        Assert.All(rejected, r => Assert.Contains("F32[", r, StringComparison.Ordinal));
        Assert.Equal(before, SmallRun.BitsOf(other));
        Assert.Equal(0, other.StepsDone);
    }

    [Fact]
    public void Moments_that_do_not_fit_leave_the_weights_as_they_were_too()
    {
        RunFolder folder = run.NewFolder("run");
        SaveEachStep(folder, 1, out _);
        using Trainer trainer = run.NewTrainer();
        byte[] before = SmallRun.BitsOf(trainer);
        string optimizer = Path.Combine(folder.CheckpointPath(1), "optimizer.safetensors");
        using (FileStream stream = File.Create(optimizer))
            SafeTensors.Write(stream, [new("first_moment", "F32", [1], new byte[4]), new("second_moment", "F32", [1], new byte[4])], new Dictionary<string, string>());
        Relist(folder.CheckpointPath(1), "optimizer.safetensors");
        Assert.Null(new CheckpointStore(folder).Load(trainer, out IReadOnlyList<string> rejected));
        Assert.Contains("'first_moment' is F32[1]", Assert.Single(rejected), StringComparison.Ordinal);
        Assert.Equal(before, SmallRun.BitsOf(trainer));
    }

    [Theory]
    [InlineData("run_id", "\"another\"", "it belongs to run another")]
    [InlineData("step", "3", "its state is that of step 3")]
    [InlineData("step", "9999", "its state is that of step 9999")]
    public void A_checkpoint_of_another_run_or_step_is_refused(string member, string value, string reason)
    {
        RunFolder folder = run.NewFolder("run");
        SaveEachStep(folder, 1, out _);
        string state = Path.Combine(folder.CheckpointPath(1), "state.json");
        JsonNode json = JsonNode.Parse(File.ReadAllText(state))!;
        json[member] = JsonNode.Parse(value);
        File.WriteAllText(state, json.ToJsonString());
        Relist(folder.CheckpointPath(1), "state.json");
        using Trainer trainer = run.NewTrainer();
        Assert.Null(new CheckpointStore(folder).Load(trainer, out IReadOnlyList<string> rejected));
        Assert.Equal($"checkpoint-1: {reason}", Assert.Single(rejected));
    }

    [SmallDiskFact, Trait("Needs", "the right to mount")]
    public void A_full_disk_leaves_the_checkpoints_before_it_intact_and_is_a_disk_error()
    {
        using var disk = new SmallDisk(512);
        var folder = new RunFolder(Path.Combine(disk.Path, "run"));
        Directory.CreateDirectory(folder.Path);
        Dictionary<long, byte[]> bits = SaveEachStep(folder, 1, out Trainer saved);
        using Trainer trainer = saved;
        trainer.Step();
        using Trainer reader = run.NewTrainer();
        foreach (long free in new[] { 0, 4096, 8192, 16384, 24576, 32768 }) // a checkpoint takes about 40 kB: it fails in each of its files
        {
            disk.FillUpTo(free);
            var error = Assert.Throws<UserErrorException>(() => new CheckpointStore(folder).Save(trainer, SmallRun.State(folder, trainer)));
            Assert.Equal(ExitCode.Disk, error.ExitCode);
            Assert.Contains("the disk is full", error.Message, StringComparison.Ordinal);
            Assert.Equal(["checkpoint-1"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
            Assert.Equal(1, new CheckpointStore(folder).Load(reader, out _)!.Step);
            Assert.Equal(bits[1], SmallRun.BitsOf(reader));
        }

        disk.FillUpTo(400_000);
        new CheckpointStore(folder).Save(trainer, SmallRun.State(folder, trainer));
        Assert.Equal([2, 1], folder.Checkpoints());
    }

    private Dictionary<long, byte[]> SaveEachStep(RunFolder folder, int steps, out Trainer trainer)
    {
        var bits = new Dictionary<long, byte[]>();
        trainer = run.NewTrainer();
        for (int i = 0; i < steps; i++)
        {
            trainer.Step();
            new CheckpointStore(folder).Save(trainer, SmallRun.State(folder, trainer));
            bits.Add(trainer.StepsDone, SmallRun.BitsOf(trainer));
        }

        return bits;
    }

    private static void Relist(string checkpoint, string file)
    {
        string path = Path.Combine(checkpoint, "manifest.json");
        JsonNode manifest = JsonNode.Parse(File.ReadAllText(path))!;
        JsonNode entry = manifest["files"]!.AsArray().Single(f => (string?)f!["file"] == file)!;
        byte[] content = File.ReadAllBytes(Path.Combine(checkpoint, file));
        entry["bytes"] = content.Length;
        entry["sha256"] = Convert.ToHexStringLower(SHA256.HashData(content));
        File.WriteAllText(path, manifest.ToJsonString());
    }
}
