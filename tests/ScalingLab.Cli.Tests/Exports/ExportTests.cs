using System.Text.Json;
using System.Text.Json.Nodes;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Checkpoints;

namespace ScalingLab.Cli.Tests.Exports;

/// <summary>What other tools are given, and what is said where there is nothing to give.</summary>
[Collection(Processes.Name)]
public sealed class ExportTests(UndisturbedSweep undisturbed)
{
    private Sandbox Sandbox => undisturbed.Sandbox;

    private string Out(string name) => Path.Combine(Sandbox.Root, name);

    [Fact]
    public void Tables_hold_the_same_rows_as_csv_and_as_json_lines()
    {
        foreach (string table in new[] { "observations", "log", "evaluations" })
        {
            Ended csv = Sandbox.Run("export", "runs", "--table", table), json = Sandbox.Run("export", "runs", "--table", table, "--format", "jsonl");
            Assert.True((csv.ExitCode, json.ExitCode) == (0, 0), csv.ToString() + json);
            string[][] rows = [.. csv.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(','))];
            JsonObject[] objects = [.. json.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!.AsObject())];
            Assert.Equal(rows[0], objects[0].Select(p => p.Key));
            Assert.Equal(rows.Length - 1, objects.Length);
            Assert.True(objects.Length >= 3);
            for (int i = 0; i < objects.Length; i++)
                Assert.Equal(rows[i + 1], objects[i].Select(p => p.Value?.ToString() ?? ""));
        }
    }

    [Fact]
    public void A_file_is_written_whole_and_standard_output_stays_empty()
    {
        Ended ended = Sandbox.Run("export", "runs", "-o", Out("table.csv"));
        Assert.True(ended is { ExitCode: 0, Output: "" }, ended.ToString());
        Assert.Equal(Sandbox.Run("export", "runs").Output, File.ReadAllText(Out("table.csv")));
    }

    [Fact]
    public void TensorBoard_gets_a_folder_a_run()
    {
        Ended ended = Sandbox.Run("export", "runs", "--format", "tensorboard", "-o", Out("tb"));
        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.EndsWith($"3 runs in {Out("tb")}; to look at them: tensorboard --logdir {Out("tb")}\n", ended.Error);
        Assert.Equal(Sandbox.Folders.Select(f => f.Id), Directory.GetDirectories(Path.Combine(Out("tb"), "tiny")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Weights_come_with_the_config_that_they_are_of()
    {
        RunFolder run = Sandbox.Folders[0];
        Ended ended = Sandbox.Run("export", run.Path, "--format", "safetensors", "-o", Out("m.safetensors"));
        Assert.True(ended.ExitCode == 0, ended.ToString());
        IReadOnlyList<NamedArray> arrays = SafeTensors.Read(Out("m.safetensors"));
        Assert.Equal(run.ReadDone()!.Parameters.Total, arrays.Sum(a => a.Shape.Aggregate(1L, (x, y) => x * y)));
        byte[] file = File.ReadAllBytes(Out("m.safetensors"));
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, (int)BitConverter.ToUInt64(file)));
        Assert.Contains(run.Id, header.RootElement.GetProperty("__metadata__").GetProperty("config").GetString());
    }

    [Fact]
    public void A_model_that_hugging_face_does_not_know_is_refused_before_a_folder_is_made()
    {
        Ended ended = Sandbox.Run("export", Sandbox.Folders[0].Path, "--format", "hf", "-o", Out("hf")); // the defaults: QK norm with layer norm
        Assert.True(ended.ExitCode == 2, ended.ToString());
        Assert.StartsWith("error[SL0186]: no architecture of Hugging Face is this model: GPT-NeoX has no qk_norm: true;", ended.Error);
        Assert.Contains("help: train with qk_norm: false for GPT-NeoX", ended.Error);
        Assert.False(Directory.Exists(Out("hf")));
    }

    [Theory]
    [InlineData("runs --format hf -o x", "SL0180", "holds 3 runs; this takes one")]
    [InlineData("runs --format tensorboard", "SL0185", "does not go to standard output")]
    [InlineData("runs --format tensorbord -o x", "SL0108", "did you mean 'tensorboard'?")]
    [InlineData("runs --table curves", "SL0108", "unknown table 'curves'")]
    [InlineData("nowhere --format tensorboard -o x", "SL0102", "there is no folder 'nowhere'")]
    public void A_wrong_call_is_told_with_a_way_out(string arguments, string code, string text)
    {
        Ended ended = Sandbox.Run(["export", .. arguments.Split(' ')]);
        Assert.True(ended.ExitCode == 2, ended.ToString());
        Assert.StartsWith($"error[{code}]", ended.Error);
        Assert.Contains(text, ended.Error);
        Assert.Empty(ended.Output);
    }

    [Fact]
    public void Text_comes_from_the_model_and_repeats_with_its_seed()
    {
        string run = Sandbox.Folders[^1].Path;
        Ended first = Sandbox.Run("sample", run, "--prompt", "Document 7: ", "--max-tokens", "40", "--seed", "3");
        Assert.True(first.ExitCode == 0, first.ToString());
        Assert.StartsWith("Document 7: ", first.Output);
        Assert.Equal(first.Output, Sandbox.Run("sample", run, "--prompt", "Document 7: ", "--max-tokens", "40", "--seed", "3").Output);
        Assert.NotEqual(first.Output, Sandbox.Run("sample", run, "--prompt", "Document 7: ", "--max-tokens", "40", "--seed", "4").Output);
        using JsonDocument json = JsonDocument.Parse(Sandbox.Run("sample", run, "--prompt", "Document 7: ", "--max-tokens", "40", "--seed", "3", "--json", "--samples", "2").Output);
        Assert.Equal("scalinglab.sample/1", json.RootElement.GetProperty("schema").GetString());
        Assert.Equal(2, json.RootElement.GetProperty("samples").GetArrayLength());
        JsonElement text = json.RootElement.GetProperty("samples")[0];
        Assert.Equal(first.Output.TrimEnd('\n'), ("Document 7: " + text.GetProperty("text").GetString()).TrimEnd('\n'));
        Assert.InRange(text.GetProperty("tokens").GetArrayLength(), 1, 40);
        Assert.Equal(256, json.RootElement.GetProperty("promptTokens")[0].GetInt32()); // read as the beginning of a document
    }

    [Fact]
    public void Sampling_stops_when_its_reader_has_seen_enough()
    {
        Ended ended = Sandbox.RunShell($"'{Sandbox.Program}' sample '{Sandbox.Folders[0].Path}' --samples 1000000 --max-tokens 1000 2> err | head -c 20; echo \"${{PIPESTATUS[0]}}\"");
        Assert.True(ended.Output.EndsWith("0\n", StringComparison.Ordinal), ended.ToString());
    }

    [Theory]
    [InlineData("--temperature -1", "--temperature is -1; it must be 0 or more")]
    [InlineData("--temperature NaN", "--temperature is NaN; it must be 0 or more")]
    [InlineData("--top-k 0", "--top-k is 0; it must be 1 or more")]
    [InlineData("--max-tokens -5", "--max-tokens is -5; it must be 0 or more")]
    [InlineData("--samples 0", "--samples is 0; it must be 1 or more")]
    public void Sampling_with_an_impossible_setting_is_exit_code_2(string arguments, string message)
    {
        Ended ended = Sandbox.Run(["sample", Sandbox.Folders[0].Path, .. arguments.Split(' ')]);
        Assert.True(ended.ExitCode == 2, ended.ToString());
        Assert.StartsWith($"error[SL0183]: {message}", ended.Error);
    }

    [Fact]
    public void A_run_without_weights_is_told_as_such()
    {
        using var sandbox = new Sandbox();
        string copy = Path.Combine(sandbox.Work, "copy");
        Directory.CreateDirectory(copy);
        File.Copy(Sandbox.Folders[0].ManifestPath, Path.Combine(copy, "config.json"));
        Ended planned = sandbox.Run("sample", "copy");
        Assert.True(planned.ExitCode == 2 && planned.Error.Contains("copy (planned) has no weights yet: no checkpoint", StringComparison.Ordinal), planned.ToString());
        Directory.CreateDirectory(Path.Combine(copy, "checkpoint-10"));
        Ended damaged = sandbox.Run("sample", "copy");
        Assert.True(damaged.ExitCode == 6, damaged.ToString());
        Assert.Contains("warning: copy: passed over checkpoint-10: ", damaged.Error);
    }
}
