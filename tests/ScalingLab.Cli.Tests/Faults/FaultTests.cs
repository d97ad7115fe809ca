using System.Text.RegularExpressions;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Tests;

namespace ScalingLab.Cli.Tests.Faults;

/// <summary>What a person does wrong or a machine breaks, the exit code and the words for it.</summary>
[Collection(Processes.Name)]
public sealed partial class FaultTests(UndisturbedSweep undisturbed) : IDisposable
{
    private readonly Sandbox sandbox = new();

    public void Dispose() => sandbox.Dispose();

    [Fact]
    public void A_misspelt_key_is_shown_in_its_place_with_the_nearest_one()
    {
        File.WriteAllText(sandbox.ConfigFile, Sandbox.Config.Replace("batch_tokens", "batchtokens", StringComparison.Ordinal));
        Check(sandbox.Run("sweep", "../tiny.yaml"), 3, """
            error[SL0312]: unknown key 'batchtokens' in training
              --> ../tiny.yaml:4:12
             4 | training: {batchtokens: 128}
               |            ^
              help: did you mean 'batch_tokens'?

            """);
    }

    [Fact]
    public void A_width_that_the_heads_do_not_divide_is_shown_in_its_place_with_those_they_do()
    {
        File.WriteAllText(sandbox.ConfigFile, Sandbox.Config.Replace("width: 8, heads: 1", "width: 8, heads: 3", StringComparison.Ordinal));
        Check(sandbox.Run("sweep", "../tiny.yaml"), 3, """
            error[SL0316]: model.width 8 is not a multiple of heads 3
              --> ../tiny.yaml:3:27
             3 | model: {layers: 1, width: 8, heads: 3, context_tokens: 16}
               |                           ^
              help: try 6 or 9

            """);
    }

    [Theory]
    [InlineData("swep", "unknown command 'swep'", "did you mean 'sweep'?")]
    [InlineData("sweep --jbos 2 ../tiny.yaml", "unknown option '--jbos'", "did you mean '--jobs'?")]
    [InlineData("sweep ../tiny.yaml --dryrun", "unknown option '--dryrun'", "did you mean '--dry-run'?")]
    [InlineData("sweep ../tiny.yaml --jobs two", "Cannot parse argument 'two' for option '--jobs'", "scalinglab sweep --help")]
    [InlineData("sweep ../tiny.yaml --jobs 0", "--jobs is 0; it must be 1 or more", null)]
    [InlineData("sweep", "Required argument 'config' missing", "scalinglab sweep --help")]
    [InlineData("status nowhere", "there is no folder 'nowhere'", "give a folder of runs")]
    [InlineData("resume nowhere", "there is no folder 'nowhere'", "give a folder of runs")]
    [InlineData("resume .", "there are no runs in '.'", "name a folder such as runs/<sweep>")]
    [InlineData("train ../tiny.yaml", "makes 3 runs; train takes one", "scalinglab sweep ../tiny.yaml")]
    [InlineData("export ../tiny.yaml --format xml", "unknown format 'xml'", "csv")]
    public void A_wrong_command_line_is_exit_code_2_with_a_way_out(string commandLine, string message, string? help)
    {
        Ended ended = sandbox.Run(commandLine.Split(' '));
        Assert.True(ended.ExitCode == 2, ended.ToString());
        Assert.StartsWith("error[SL01", ended.Error);
        Assert.Contains(message, ended.Error.Split('\n')[0]);
        Assert.Contains(help ?? "", ended.Error);
        Assert.Empty(ended.Output);
    }

    [Fact]
    public void A_config_that_is_not_there_is_exit_code_3_or_2_and_no_defect()
    {
        Ended ended = sandbox.Run("sweep", "nowhere.yaml");
        Assert.Contains(ended.ExitCode, new[] { 2, 3 });
        Assert.Contains("nowhere.yaml", ended.Error);
    }

    [Theory]
    [InlineData("missing", 3, "SL0650")] // the config names it
    [InlineData("empty", 6, "SL0656")]
    [InlineData("binary", 6, "SL0653")]
    [InlineData("latin-1", 6, "SL0652")]
    [InlineData("one document", 6, "SL0656")]
    public void A_corpus_that_cannot_be_used_is_told_before_a_folder_is_made(string fault, int exitCode, string code)
    {
        File.Delete(sandbox.Corpus);
        if (fault != "missing")
        {
            File.WriteAllBytes(sandbox.Corpus, fault switch
            {
                "empty" => [],
                "binary" => [0x7F, (byte)'E', (byte)'L', (byte)'F', 0, 0, 1, 2],
                "latin-1" => [.. "caf"u8, 0xE9, .. " and\n<|endoftext|>\nmore\n"u8],
                _ => "a single document\n"u8.ToArray(),
            });
        }

        Ended ended = sandbox.Run("sweep", sandbox.ConfigFile);
        Assert.True(ended.ExitCode == exitCode && ended.Error.StartsWith($"error[{code}]: ", StringComparison.Ordinal) && ended.Error.Contains("small.txt", StringComparison.Ordinal), ended.ToString());
        Assert.Contains("help: ", ended.Error);
        Assert.False(Directory.Exists(Path.Combine(sandbox.Work, "runs")));
    }

    [Fact]
    public void A_truncated_token_file_is_exit_code_6_for_inspect_sweep_and_worker_and_a_rebuild_mends_it()
    {
        RunFolder folder = PreparedRun();
        string train = Part("train.bin");
        using (FileStream file = File.OpenWrite(train))
            file.SetLength(file.Length - 2);
        foreach (string[] command in new string[][] { ["data", "inspect", train], ["sweep", sandbox.ConfigFile], ["worker", folder.Path, "--cache", sandbox.Cache] })
        {
            Ended ended = sandbox.Run(command);
            Assert.True(ended.ExitCode == 6 && ended.Error.StartsWith($"error[SL0662]: {train}: the file is cut off: ", StringComparison.Ordinal), ended.ToString());
            Assert.Contains("scalinglab data prepare", ended.Error);
        }

        Assert.Equal(0, sandbox.Run("data", "prepare", sandbox.ConfigFile, "--rebuild").ExitCode);
        Assert.Equal(0, sandbox.Run("data", "inspect", train).ExitCode);
    }

    [Fact]
    public void A_flipped_bit_among_the_tokens_is_exit_code_6_before_anything_is_trained()
    {
        RunFolder folder = PreparedRun();
        string train = Part("train.bin");
        byte[] bytes = File.ReadAllBytes(train);
        bytes[300] ^= 1; // still below the vocabulary
        File.WriteAllBytes(train, bytes);
        foreach (string[] command in new string[][] { ["data", "inspect", train], ["worker", folder.Path, "--cache", sandbox.Cache] })
        {
            Ended ended = sandbox.Run(command);
            Assert.True(ended.ExitCode == 6 && ended.Error.StartsWith("error[SL0664]", StringComparison.Ordinal), ended.ToString());
        }

        Assert.False(File.Exists(folder.LogPath));
    }

    [Fact]
    public void Tokens_of_another_vocabulary_are_exit_code_6()
    {
        PreparedRun();
        string ours = Part("train.bin");
        Assert.Equal(0, sandbox.Run("data", "prepare", sandbox.ConfigFile, "--set", "corpus.tokenizer=bpe", "--set", "corpus.vocabulary=512").ExitCode);
        File.Copy(Directory.GetFiles(sandbox.Cache, "train.bin", SearchOption.AllDirectories).Single(f => f.Contains("bpe", StringComparison.Ordinal)), ours, overwrite: true);
        Ended ended = sandbox.Run("sweep", sandbox.ConfigFile);
        Assert.True(ended.ExitCode == 6 && ended.Error.Contains("the tokens have a vocabulary of 512; 257 is expected", StringComparison.Ordinal), ended.ToString());
    }

    [Fact]
    public void Runs_are_not_mixed_with_those_of_a_changed_corpus()
    {
        PreparedRun();
        File.AppendAllText(sandbox.Corpus, "one more\n<|endoftext|>\n");
        Ended ended = sandbox.Run("sweep", sandbox.ConfigFile);
        Assert.True(ended.ExitCode == 6 && ended.Error.StartsWith("error[SL0640]: the corpus 'small.txt' has changed since L1-d8-", StringComparison.Ordinal), ended.ToString());
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "loss")]
    [InlineData("loss\n2.5\n", "params")]
    [InlineData("", "")]
    public void A_table_without_the_columns_that_it_needs_is_exit_code_6_and_names_them(string csv, string missing)
    {
        File.WriteAllText(Path.Combine(sandbox.Work, "table.csv"), csv);
        Ended ended = sandbox.Run("export", "table.csv");
        Assert.True(ended.ExitCode == 6, ended.ToString());
        Assert.Contains("table.csv", ended.Error);
        Assert.Contains(missing, ended.Error);
        Assert.DoesNotContain("SL0001", ended.Error);
    }

    [Theory]
    [InlineData("status runs")]
    [InlineData("sweep CONFIG --dry-run")]
    [InlineData("config schema")]
    [InlineData("export runs")]
    public void A_reader_that_has_seen_enough_ends_the_program_quietly(string commandLine)
    {
        Ended ended = undisturbed.Sandbox.RunShell($"'{Sandbox.Program}' {commandLine.Replace("CONFIG", undisturbed.Sandbox.ConfigFile, StringComparison.Ordinal)} | head -c 1 > /dev/null; exit ${{PIPESTATUS[0]}}");
        Assert.True(ended is { ExitCode: 0 or 141, Error: "" }, ended.ToString());
    }

    [Theory]
    [InlineData(">&-")]
    [InlineData("> /dev/full")]
    public void Output_that_cannot_be_written_is_exit_code_7(string redirection)
    {
        Ended ended = undisturbed.Sandbox.RunShell($"'{Sandbox.Program}' status runs {redirection}");
        Assert.True(ended.ExitCode == 7 && ended.Error.StartsWith("error[SL0705]: reading or writing failed: ", StringComparison.Ordinal), ended.ToString());
    }

    [Theory]
    [InlineData("2>&-")]
    [InlineData("2> /dev/full")]
    public void Messages_that_cannot_be_written_change_nothing(string redirection) =>
        Assert.Equal(0, undisturbed.Sandbox.RunShell($"'{Sandbox.Program}' sweep {undisturbed.Sandbox.ConfigFile} {redirection}").ExitCode);

    [Fact]
    public void Runs_below_a_file_are_a_disk_error()
    {
        File.WriteAllText(Path.Combine(sandbox.Work, "file"), "");
        Ended ended = sandbox.Run("sweep", sandbox.ConfigFile, "--runs", "file");
        Assert.True(ended.ExitCode == 7 && ended.Error.StartsWith("error[SL0704]: 'file/tiny/", StringComparison.Ordinal), ended.ToString());
    }

    [SmallDiskFact, Trait("Needs", "the right to mount")]
    public void A_read_only_runs_folder_is_exit_code_7()
    {
        using var disk = new SmallDisk(256);
        disk.MakeReadOnly();
        Ended ended = sandbox.Run("sweep", sandbox.ConfigFile, "--runs", disk.Path);
        Assert.True(ended.ExitCode == 7 && ended.Error.StartsWith("error[SL0702]: the file system of '", StringComparison.Ordinal), ended.ToString());
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path));
    }

    [SmallDiskFact, Trait("Needs", "the right to mount")]
    public void A_read_only_cache_is_exit_code_7_and_never_waited_on()
    {
        using var disk = new SmallDisk(1024);
        sandbox.Environment["SCALINGLAB_CACHE"] = disk.Path;
        Assert.Equal(0, sandbox.Run("data", "prepare", sandbox.ConfigFile).ExitCode);
        disk.MakeReadOnly();
        Assert.Equal(7, sandbox.Run("data", "prepare", sandbox.ConfigFile, "--rebuild").ExitCode); // its lock file is there, and cannot be opened
        sandbox.Environment.Clear();
    }

    [SmallDiskFact, Trait("Needs", "the right to mount")]
    public void A_disk_that_fills_up_is_exit_code_7_and_with_room_the_sweep_goes_on_to_the_same_results()
    {
        using var disk = new SmallDisk(300); // checkpoints of three runs take more
        Ended full = sandbox.Run("sweep", sandbox.ConfigFile, "--runs", disk.Path);
        Assert.True(full.ExitCode is 4 or 7, full.ToString());
        Assert.Contains("error[SL0701]: the disk is full: '", full.Error);
        Assert.DoesNotContain("SL0001", full.Error);
        Assert.DoesNotContain(".partial", string.Join('\n', Directory.GetFileSystemEntries(disk.Path, "*", SearchOption.AllDirectories)));
        disk.Resize(4000);
        Ended resumed = sandbox.Run("resume", disk.Path);
        Assert.True(resumed.ExitCode == 0, resumed.ToString());
        Assert.Equal(undisturbed.Sandbox.Results(), Moved(disk.Path).Results());
    }

    private Sandbox Moved(string runs)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(sandbox.Sweep)!);
        Directory.CreateSymbolicLink(sandbox.Sweep, Path.Combine(runs, "tiny"));
        return sandbox;
    }

    /// <summary>A run folder that is planned and not begun, and its tokens in the cache.</summary>
    private RunFolder PreparedRun()
    {
        Assert.Equal(0, sandbox.Run("data", "prepare", sandbox.ConfigFile).ExitCode);
        foreach (RunFolder folder in undisturbed.Sandbox.Folders)
        {
            RunManifest manifest = folder.ReadManifest()!;
            new RunFolder(Path.Combine(sandbox.Sweep, folder.Id)).WriteManifest(manifest with { CorpusFile = sandbox.Corpus, Attempts = [] });
        }

        return sandbox.Folders[0];
    }

    private string Part(string name) => Assert.Single(Directory.GetFiles(sandbox.Cache, name, SearchOption.AllDirectories));

    private static void Check(Ended ended, int exitCode, string error)
    {
        Assert.Equal(exitCode, ended.ExitCode);
        Assert.Equal(error, Trailing().Replace(ended.Error, ""));
        Assert.Empty(ended.Output);
    }

    [GeneratedRegex(" +$", RegexOptions.Multiline)]
    private static partial Regex Trailing();
}
