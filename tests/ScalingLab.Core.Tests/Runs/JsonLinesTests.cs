using FsCheck;
using FsCheck.Fluent;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;

namespace ScalingLab.Core.Tests.Runs;

public sealed class JsonLinesTests
{
    [Fact]
    public void A_log_cut_at_any_byte_gives_back_the_lines_before_the_cut_and_goes_on_from_there()
    {
        using var temporary = new TemporaryFolder();
        var folder = new RunFolder(temporary.Path);
        using (JsonLinesWriter<LogEntry> log = folder.OpenLog())
            for (int step = 1; step <= 4; step++)
                log.Append(Records.Log(step));
        byte[] whole = File.ReadAllBytes(folder.LogPath);
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            File.WriteAllBytes(folder.LogPath, whole[..cut]);
            // A line is whole once its closing brace is there, with or without its newline.
            int expected = whole[..cut].Count(b => b == '}');
            JsonLines<LogEntry> read = folder.ReadLog();
            Assert.Equal(Enumerable.Range(1, expected).Select(s => Records.Log(s)), read.Entries);
            Assert.Equal(cut > 0 && whole[cut - 1] is not ((byte)'\n' or (byte)'}'), read.IsTorn);

            folder.TruncateTo(2);
            using (JsonLinesWriter<LogEntry> log = folder.OpenLog())
                for (int step = Math.Min(expected, 2) + 1; step <= 4; step++)
                    log.Append(Records.Log(step));
            Assert.Equal(whole, File.ReadAllBytes(folder.LogPath));
        }
    }

    [Fact]
    public void A_damaged_line_before_the_last_is_an_error_with_its_place()
    {
        using var temporary = new TemporaryFolder();
        var folder = new RunFolder(temporary.Path);
        using (JsonLinesWriter<EvalEntry> evaluations = folder.OpenEvaluations())
            for (int step = 1; step <= 3; step++)
                evaluations.Append(Records.Eval(step));
        string[] lines = File.ReadAllLines(folder.EvalPath);
        File.WriteAllLines(folder.EvalPath, [lines[0], lines[1][..20], lines[2]]);
        UserErrorException error = Assert.Throws<UserErrorException>(() => folder.ReadEvaluations());
        Assert.Equal(ExitCode.CorruptData, error.ExitCode);
        Assert.Equal(new SourceLocation(folder.EvalPath, 2, 0, lines[1][..20]), Assert.Single(error.Diagnostics).Location);
    }

    [Fact]
    public void An_object_that_lacks_a_member_is_damage_and_a_file_that_is_not_there_is_an_empty_log()
    {
        using var temporary = new TemporaryFolder();
        var folder = new RunFolder(temporary.Path);
        Assert.Empty(folder.ReadLog().Entries);
        folder.TruncateTo(7);
        Assert.False(File.Exists(folder.LogPath));
        File.WriteAllText(folder.LogPath, "{\"step\":1}\n{\"step\":2}\n");
        Assert.Contains("tokens", Assert.Throws<UserErrorException>(() => folder.ReadLog()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_has_the_keys_of_the_contract_and_numbers_that_read_back_exactly()
    {
        using var temporary = new TemporaryFolder();
        var folder = new RunFolder(temporary.Path);
        using (JsonLinesWriter<LogEntry> log = folder.OpenLog())
            log.Append(Records.Log(1));
        Assert.Equal(
            "{\"step\":1,\"tokens\":2048,\"loss_nats\":5.5,\"lr\":0.03333333333333333,\"grad_norm\":null,\"seconds\":0.1,\"tokens_per_second\":20480,\"flops_measured\":3.3333333333333335E+18,\"joules\":null}\n",
            File.ReadAllText(folder.LogPath));
    }

    [Fact]
    public void Any_finite_number_reads_back_to_the_last_bit()
    {
        using var temporary = new TemporaryFolder();
        var folder = new RunFolder(temporary.Path);
        Prop.ForAll<NormalFloat, NormalFloat, long>((loss, lr, step) =>
        {
            LogEntry entry = Records.Log(1) with { Step = step, LossNats = loss.Get, Lr = lr.Get };
            File.Delete(folder.LogPath);
            using (JsonLinesWriter<LogEntry> log = folder.OpenLog())
                log.Append(entry);
            Assert.Equal(entry, Assert.Single(folder.ReadLog().Entries));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_number_that_is_not_finite_is_refused_and_leaves_no_torn_line()
    {
        using var temporary = new TemporaryFolder();
        var folder = new RunFolder(temporary.Path);
        using (JsonLinesWriter<LogEntry> log = folder.OpenLog())
            Assert.Throws<ArgumentException>(() => log.Append(Records.Log(1) with { LossNats = double.NaN }));
        Assert.Equal("", File.ReadAllText(folder.LogPath));
    }

    [Fact]
    public async Task A_reader_beside_the_writer_sees_whole_lines_from_the_start()
    {
        using var temporary = new TemporaryFolder();
        var folder = new RunFolder(temporary.Path);
        using JsonLinesWriter<LogEntry> log = folder.OpenLog();
        Task writing = Task.Run(() =>
        {
            for (int step = 1; step <= 2000; step++)
                log.Append(Records.Log(step));
        });
        while (!writing.IsCompleted)
        {
            // A line that crosses a page of the file's cache may be seen half: then it is a torn end, never damage.
            IReadOnlyList<LogEntry> seen = folder.ReadLog().Entries;
            Assert.Equal(Enumerable.Range(1, seen.Count), seen.Select(e => (int)e.Step));
        }
        await writing;
        Assert.Equal(2000, folder.ReadLog().Entries.Count);
    }

    [Fact]
    public void A_full_disk_under_the_log_is_exit_code_7_with_the_file_named()
    {
        if (!File.Exists("/dev/full"))
            return; // Only Linux has a disk that is always full.
        using var log = new JsonLinesWriter<LogEntry>("/dev/full", RunJson.Default.LogEntry);
        UserErrorException error = Assert.Throws<UserErrorException>(() => log.Append(Records.Log(1)));
        Assert.Equal(ExitCode.Disk, error.ExitCode);
        Assert.Contains("the disk is full: '/dev/full'", error.Message, StringComparison.Ordinal);
    }
}
