using System.Text.Json;

namespace ScalingLab.Cli.Tests.Benchmarks;

[Collection(Processes.Name)]
public sealed class BenchTests : IDisposable
{
    private const string Tiny = "--layers 1 --width 8 --heads 1 --context 8 --batch 2 --vocab 16";

    private readonly Sandbox sandbox = new();

    public void Dispose() => sandbox.Dispose();

    [Theory]
    [InlineData("step --width 100 --heads 3", 2, "--width 100 is not a multiple of heads 3", "try 99 or 102")]
    [InlineData("step --batch 0", 2, "--batch is 0; it must be from 1 to 1048576", null)]
    [InlineData("step --threads -1", 2, "--threads is -1; it must be from 1 to 4096", null)]
    [InlineData("step --positions rop", 2, "--positions: there is no 'rop'", "did you mean 'rope'?")]
    [InlineData("step --stack 4", 2, "--stack is 4: this version trains one run a step", "--stack 1")]
    [InlineData("step --batch 1000000 --vocab 10000000", 2, "a step of this model needs ", "fewer --layers, --batch or --vocab")]
    [InlineData("step --device gpu", 2, "unknown device 'gpu'", "cpu or cuda[:i]")]
    [InlineData("step --device cuda", 5, "device 'cuda': this version trains on the CPU only", "--device cpu")]
    [InlineData("step --dtype bf16", 5, "type 'bf16'", "--dtype fp32")]
    [InlineData("stp", 2, "unknown command 'stp'", "did you mean 'step'?")]
    public void What_cannot_be_timed_is_refused_with_a_way_out(string arguments, int exitCode, string message, string? help)
    {
        Ended ended = sandbox.Run(["bench", .. arguments.Split(' ')]);
        Assert.True(ended.ExitCode == exitCode, ended.ToString());
        Assert.Contains(message, ended.Error.Split('\n')[0]);
        Assert.Contains(help ?? "", ended.Error);
        Assert.Empty(ended.Output);
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        Ended ended = sandbox.Run("bench", "step", "--batch", "0", "--layers", "0", "--device", "gpu", "--steps", "0");
        Assert.Equal(2, ended.ExitCode);
        Assert.Equal(4, ended.Error.Split('\n').Count(l => l.StartsWith("error[SL01", StringComparison.Ordinal)));
    }

    [Fact]
    public void Without_an_engine_it_ends_with_exit_code_5()
    {
        sandbox.Environment["SCALINGLAB_NATIVE"] = "/nowhere/libscalinglab_torch.so";
        Ended ended = sandbox.Run("bench", "step");
        Assert.True(ended.ExitCode == 5, ended.ToString());
        Assert.StartsWith("error[SL0510]: SCALINGLAB_NATIVE names /nowhere/libscalinglab_torch.so, which does not exist", ended.Error);
    }

    [Fact]
    public void A_step_gives_one_document_whose_numbers_agree_with_each_other()
    {
        Ended ended = sandbox.Run(["bench", "step", .. Tiny.Split(' '), "--steps", "4", "--warmup-steps", "2", "--json"]);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        JsonElement d = JsonDocument.Parse(ended.Output).RootElement;
        Assert.Equal("scalinglab.bench-step/1", d.GetProperty("schema").GetString());
        JsonElement time = d.GetProperty("stepMilliseconds");
        double median = time.GetProperty("median").GetDouble();
        Assert.InRange(median, time.GetProperty("min").GetDouble(), time.GetProperty("max").GetDouble());
        Assert.Equal(16 / (median / 1e3), d.GetProperty("tokensPerSecond").GetDouble(), tolerance: 1e-6 * 16 / (median / 1e3));

        // Three times the products of a forward pass: 2·(4·8² + 8·8² + 16·8) weights a token, and 4·8·8 of attention.
        double flops = 16 * 3 * ((2 * ((12 * 64) + (16 * 8))) + (4 * 8 * 8));
        Assert.Equal(flops, d.GetProperty("flopsPerStepAnalytic").GetDouble());
        Assert.Equal(flops, d.GetProperty("flopsPerStepMeasured").GetDouble());
        double mfu = flops / (median / 1e3) / d.GetProperty("gemmPeakFlopsPerSecond").GetDouble();
        Assert.Equal(mfu, d.GetProperty("mfu").GetDouble(), tolerance: 1e-9 * mfu);
        Assert.Equal(6, d.GetProperty("losses").GetArrayLength());
    }

    [Fact]
    public void Slices_are_answered_as_they_are_asked_for()
    {
        Ended ended = sandbox.RunShell($"printf '2\\n3\\n' | {Sandbox.Program} bench step {Tiny} --slices --json");
        Assert.True(ended.ExitCode == 0, ended.ToString());
        string[] lines = ended.Output.Split('\n');
        Assert.Equal(2, JsonDocument.Parse(lines[0]).RootElement.GetProperty("stepMilliseconds").GetArrayLength());
        Assert.Equal(3, JsonDocument.Parse(lines[1]).RootElement.GetProperty("stepMilliseconds").GetArrayLength());
        Assert.Equal(5, JsonDocument.Parse(string.Join('\n', lines[2..])).RootElement.GetProperty("stepsTimed").GetInt32());
        Ended wrong = sandbox.RunShell($"echo -1 | {Sandbox.Program} bench step {Tiny} --slices");
        Assert.True(wrong.ExitCode == 2, wrong.ToString());
        Assert.Contains("stdin: '-1' is no number of steps", wrong.Error);
    }
}
