using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Tables;
using ScalingLab.Core.TensorBoard;
using ScalingLab.Core.Tests.Runs;

namespace ScalingLab.Core.Tests.TensorBoard;

public sealed class TensorBoardExportTests : IDisposable
{
    private const string FileName = "events.out.tfevents.0.scalinglab";
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder temporary = new();

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void Scalars_are_the_logged_numbers_at_their_steps_and_times()
    {
        RunFolder run = NewRun("a");
        TensorBoardExport.Write(Runs, Output);
        var scalars = EventReader.Scalars(In("a")).ToArray();
        double start = Start.ToUnixTimeSeconds();
        foreach (LogEntry entry in run.ReadLog().Entries)
        {
            Assert.Contains(("train/loss_nats", entry.Step, start + entry.Seconds, (float)entry.LossNats!.Value), scalars);
            Assert.Contains(("progress/tokens", entry.Step, start + entry.Seconds, (float)entry.Tokens), scalars);
            Assert.Contains(("progress/flops_measured", entry.Step, start + entry.Seconds, (float)entry.FlopsMeasured!.Value), scalars);
        }

        Assert.Contains(("eval/loss_nats", 20L, start + 2, 3.25f), scalars); // at the time of the log line before it
        Assert.DoesNotContain(scalars, s => s.Tag == "progress/joules"); // nobody measured any
        Assert.All(scalars.Where(s => s.Tag == "train/grad_norm"), s => Assert.True(float.IsNaN(s.Value))); // null there is "not finite"
        Assert.Equal("brain.Event:2", EventReader.Events(In("a"))[0].Single(f => f.Number == 3).AsText);
    }

    [Theory]
    [InlineData(EndReason.Completed, 1)]
    [InlineData(EndReason.Diverged, 2)]
    [InlineData(null, 0)]
    public void The_page_of_hyper_parameters_knows_what_a_run_was_made_with_and_how_it_ended(EndReason? reason, ulong status)
    {
        NewRun("a", reason);
        TensorBoardExport.Write(Runs, Output);
        Field start = EventReader.Plugin(In("a"), "_hparams_/session_start_info").Inner(3);
        Dictionary<string, Field> values = start.Message.Where(f => f.Number == 1).ToDictionary(f => f.Inner(1).AsText, f => f.Inner(2).Message.Single());
        Assert.Equal(2, values["model.layers"].AsDouble);
        Assert.Equal("layer_norm", values["model.norm"].AsText);
        Assert.Equal((4, 1UL), (values["model.qk_norm"].Number, values["model.qk_norm"].Value)); // field 4 of Value is a boolean
        Assert.Equal(0.9, values["training.adam.beta1"].AsDouble);
        Assert.DoesNotContain("model.mlp_width", values.Keys); // null
        Assert.Equal(status, EventReader.Plugin(In("a"), "_hparams_/session_end_info").Inner(4).Inner(1).Value);
        Field experiment = EventReader.Plugin(Path.Combine(Output, FileName), "_hparams_/experiment").Inner(2);
        Assert.Equal(values.Keys.Order(), experiment.Message.Where(f => f.Number == 4).Select(f => f.Inner(1).AsText).Order());
        Assert.Equal(["eval/loss_nats", "eval/bits_per_byte"], experiment.Message.Where(f => f.Number == 5).Select(f => f.Inner(1).Inner(2).AsText));
    }

    [Fact]
    public void Exporting_again_replaces_what_was_there()
    {
        NewRun("a");
        TensorBoardExport.Write(Runs, Output);
        byte[] first = File.ReadAllBytes(In("a"));
        TensorBoardExport.Write(Runs, Output);
        Assert.Single(Directory.GetFiles(Path.Combine(Output, "a")));
        Assert.Equal(first, File.ReadAllBytes(In("a")));
    }

    [Fact]
    public void A_damaged_run_is_left_out_with_the_reason_and_the_others_are_written()
    {
        NewRun("a");
        File.WriteAllText(NewRun("b").DonePath, "{");
        File.WriteAllText(NewRun("c").LogPath, "{\n{\n");
        PlannedRun planned = Records.Plan(tokens: 4096);
        new RunFolder(Path.Combine(Runs, "d")).WriteManifest(Records.Manifest(planned));
        (IReadOnlyList<string> written, IReadOnlyList<ExcludedRun> leftOut) = TensorBoardExport.Write(Runs, Output);
        Assert.Equal(["a"], written);
        Assert.Equal(["b", "c", "d"], leftOut.Select(r => r.Run));
        Assert.StartsWith("damaged: damaged file", leftOut[0].Reason);
        Assert.StartsWith("damaged: damaged line", leftOut[1].Reason);
        Assert.Equal("not started", leftOut[2].Reason);
        Assert.False(Directory.Exists(Path.Combine(Output, "b")));
    }

    [Fact]
    public void Nothing_to_write_is_a_mistake_of_the_user()
    {
        Directory.CreateDirectory(Runs);
        Assert.Equal(ExitCode.Usage, Assert.Throws<UserErrorException>(() => TensorBoardExport.Write(Runs, Output)).ExitCode);
    }

    [Fact]
    public void Tables_of_log_and_evaluations_hold_every_line_of_every_readable_run()
    {
        NewRun("a, b");
        File.WriteAllText(NewRun("c").LogPath, "{\n{\n");
        using var csv = new MemoryStream();
        IReadOnlyList<ExcludedRun> leftOut = RunCurveRows.Write(Runs, evaluations: false, json: false, csv);
        string[] lines = System.Text.Encoding.UTF8.GetString(csv.ToArray()).Split('\n');
        Assert.Equal("run,step,tokens,loss_nats,lr,grad_norm,seconds,tokens_per_second,flops_measured,joules,power_watts,temperature_celsius,sm_clock_mhz,memory_clock_mhz,utilisation_percent", lines[0]);
        Assert.Equal("\"a, b\",1,2048,5.5,0.03333333333333333,,0.1,20480,3.3333333333333335E+18,,,,,,", lines[1]);
        Assert.Equal(21, lines.Count(l => l.Length > 0));
        Assert.Equal("c", Assert.Single(leftOut).Run);
        using var json = new MemoryStream();
        RunCurveRows.Write(Runs, evaluations: true, json: true, json);
        Assert.StartsWith("{\"run\":\"a, b\",\"step\":20,\"tokens\":40960,\"loss_nats\":3.25,", System.Text.Encoding.UTF8.GetString(json.ToArray()));
    }

    /// <summary>A log line leaves out what was not measured at its step; its columns stay where they are.</summary>
    [Fact]
    public void What_was_measured_at_some_steps_only_stays_in_its_column()
    {
        RunFolder folder = NewRun("a");
        using (JsonLinesWriter<LogEntry> log = folder.OpenLog())
            log.Append(Records.Log(21) with { Joules = 9.5, SmClockMhz = 1980 });
        using var csv = new MemoryStream();
        RunCurveRows.Write(Runs, evaluations: false, json: false, csv);
        string[] lines = System.Text.Encoding.UTF8.GetString(csv.ToArray()).TrimEnd().Split('\n');
        Assert.All(lines, line => Assert.Equal(lines[0].Count(c => c == ','), line.Count(c => c == ',')));
        Assert.EndsWith(",9.5,,,1980,,", lines[^1]);
    }

    private string Runs => temporary.File("runs");

    private string Output => temporary.File("tensorboard");

    private string In(string run) => Path.Combine(Output, run, FileName);

    private RunFolder NewRun(string name, EndReason? reason = EndReason.Completed)
    {
        PlannedRun plan = Records.Plan(tokens: 40960);
        var folder = new RunFolder(Path.Combine(Runs, name));
        folder.WriteManifest(Records.Manifest(plan) with { Attempts = [new AttemptStart(1, Start, "host", "cpu", null)] });
        using (JsonLinesWriter<LogEntry> log = folder.OpenLog())
            for (long step = 1; step <= 20; step++)
                log.Append(Records.Log(step));
        using (JsonLinesWriter<EvalEntry> evaluations = folder.OpenEvaluations())
            evaluations.Append(Records.Eval(20));
        if (reason is { } ended)
            folder.Finish(Records.Done(plan, Records.Eval(20), ended));
        return folder;
    }
}
