using System.Text.Json;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;

namespace ScalingLab.Core.Tests.Runs;

public sealed class RunFolderTests
{
    [Fact]
    public void A_manifest_read_back_is_the_one_written()
    {
        using var temporary = new TemporaryFolder();
        var folder = new RunFolder(temporary.File("sweep/run"));
        RunManifest manifest = Records.Manifest(Records.Plan(tokens: 100_000)) with { Attempts = [new AttemptStart(1, DateTimeOffset.UnixEpoch, "h", "cpu", null)] };
        Assert.Null(folder.ReadManifest());
        folder.WriteManifest(manifest);
        Assert.Equal(JsonSerializer.Serialize(manifest), JsonSerializer.Serialize(folder.ReadManifest()));
    }

    [Fact]
    public void The_end_of_a_run_reads_back_and_shows_parameter_totals_to_other_programs()
    {
        using var temporary = new TemporaryFolder();
        var folder = new RunFolder(temporary.Path);
        DoneRecord done = Records.Done(Records.Plan(tokens: 100_000), Records.Eval(49));
        Assert.Null(folder.ReadDone());
        folder.Finish(done);
        Assert.Equal(done, folder.ReadDone());
        JsonElement json = JsonDocument.Parse(File.ReadAllBytes(folder.DonePath)).RootElement;
        Assert.Equal("completed", json.GetProperty("reason").GetString());
        Assert.Equal(done.Parameters.Total, json.GetProperty("parameters").GetProperty("total").GetInt64());
    }

    [Fact]
    public void A_damaged_file_is_named()
    {
        using var temporary = new TemporaryFolder();
        var folder = new RunFolder(temporary.Path);
        folder.Finish(Records.Done(Records.Plan(tokens: 100_000), null));
        byte[] whole = File.ReadAllBytes(folder.DonePath);
        for (int cut = 0; cut < whole.Length; cut += 7)
        {
            File.WriteAllBytes(folder.DonePath, whole[..cut]);
            UserErrorException error = Assert.Throws<UserErrorException>(() => folder.ReadDone());
            Assert.Equal((ExitCode.CorruptData, folder.DonePath), (error.ExitCode, error.Diagnostics[0].Location!.File));
        }
    }

    [Fact]
    public void Checkpoints_are_found_latest_first_and_one_being_written_is_not()
    {
        using var temporary = new TemporaryFolder();
        var folder = new RunFolder(temporary.Path);
        foreach (string name in new[] { "checkpoint-9", "checkpoint-100", "checkpoint-20.tmp", "checkpoint-x" })
            Directory.CreateDirectory(temporary.File(name));
        Assert.Equal([100, 9], folder.Checkpoints());
    }
}
