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
    [InlineData("step --positions rop", 2, "--positions: there is no 'rop'", "did you mean 'rope'?")]
    [InlineData("step --batch 1000000 --vocab 10000000", 2, "a step of this model needs ", "fewer --layers, --batch or --vocab")]
    [InlineData("step --stack 0", 2, "--stack is 0; it must be from 1 to 4096", null)]
    [InlineData("step --stack 4096 --vocab 1000000", 2, "a step of this model needs ", "a smaller --stack")]
    [InlineData("step --stack 2 --export x", 2, "--export writes one model, and --stack trains several", "give one of the two")]
    [InlineData("step --graph maybe", 2, "--graph is 'maybe'", "on or off")]
    [InlineData("step --graph on", 5, "--graph on: there are CUDA graphs on a GPU alone", "--device cuda")]
    [InlineData("step --device cuda", 5, "device 'cuda': ", "--device cpu")]
    [InlineData("step --dtype fp8", 2, "unknown dtype 'fp8'", "fp32 or bf16")]
    [InlineData("gemm --dtype bf16 --tf32", 2, "--tf32 is for fp32 products", null)]
    [InlineData("gemm --tf32", 2, "--tf32 is for a GPU, and this is to run on the CPU", "--device cuda, or leave --tf32 out")]
    [InlineData("gemm --kernels fused", 2, "unknown option '--kernels'", null)]
    [InlineData("step --dtype bf16", 5, "dtype 'bf16' on the CPU: ", "--dtype fp32")]
    [InlineData("gemm --sizes 64,x", 2, "--sizes: 'x' is no whole number from 1 to 16384", "write --sizes 128,256")]
    [InlineData("attention --contexts 0", 2, "--contexts: '0' is no whole number from 1 to 65536", null)]
    [InlineData("attention --seconds NaN", 2, "--seconds is NaN; it must be above 0 and at most 600", null)]
    [InlineData("memory --device cuda:0", 5, "device 'cuda:0': ", "--device cpu")]
    [InlineData("fit --rounds 0", 2, "--rounds is 0; it must be from 1 to 1000", null)]
    [InlineData("fit --resamples 0", 2, "--resamples is 0; it must be from 1 to 1000000", null)]
    [InlineData("fit --warm -1", 2, "--warm is -1; it must be from 0 to 60", null)]
    [InlineData("fit --where N<1", 2, "--columns and --where are for a CSV file, and none is given", "name the CSV")]
    [InlineData("fit nowhere.csv", 2, "there is no file or folder 'nowhere.csv'", null)]
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

    [Theory]
    [InlineData(1, "fused")]
    [InlineData(3, "reference")]
    public void A_step_gives_one_document_whose_numbers_agree_with_each_other(int runs, string kernels)
    {
        Ended ended = sandbox.Run(["bench", "step", .. Tiny.Split(' '), "--steps", "4", "--warmup-steps", "2", "--stack", $"{runs}", "--graph", "off", "--json"]);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        JsonElement d = JsonDocument.Parse(ended.Output).RootElement;
        Assert.Equal("scalinglab.bench-step/1", d.GetProperty("schema").GetString());
        JsonElement time = d.GetProperty("stepMilliseconds");
        double median = time.GetProperty("median").GetDouble();
        Assert.InRange(median, time.GetProperty("min").GetDouble(), time.GetProperty("max").GetDouble());
        Assert.Equal(runs * 16 / (median / 1e3), d.GetProperty("tokensPerSecond").GetDouble(), tolerance: 1e-6 * runs * 16 / (median / 1e3));
        Assert.Equal((runs, kernels), (d.GetProperty("stack").GetInt32(), d.GetProperty("model").GetProperty("kernels").GetString()));

        Assert.False(d.GetProperty("graph").GetBoolean());

        // Three times the products of a forward pass: 2·(4·8² + 8·8² + 16·8) weights a token, and 4·8·8 of attention.
        double flops = runs * 16 * 3 * ((2 * ((12 * 64) + (16 * 8))) + (4 * 8 * 8));
        Assert.Equal(flops, d.GetProperty("flopsPerStepAnalytic").GetDouble());
        Assert.Equal(flops, d.GetProperty("flopsPerStepMeasured").GetDouble());
        double mfu = flops / (median / 1e3) / d.GetProperty("gemmPeakFlopsPerSecond").GetDouble();
        Assert.Equal(mfu, d.GetProperty("mfu").GetDouble(), tolerance: 1e-9 * mfu);
        Assert.Equal(6, d.GetProperty("losses").GetArrayLength());
    }

    [Theory]
    [InlineData("gemm --sizes 32,64", "scalinglab.bench-gemm/1", "products", 34)] // on one thread and on all: two squares, fifteen of a model
    [InlineData("attention --contexts 8,16", "scalinglab.bench-attention/1", "contexts", 2)]
    public void Each_other_benchmark_gives_one_document_of_finite_numbers(string arguments, string schema, string rows, int count)
    {
        Ended ended = sandbox.Run(["bench", .. arguments.Split(' '), .. Tiny.Split(' '), "--seconds", "0.001", "--json"]);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        JsonElement d = JsonDocument.Parse(ended.Output).RootElement;
        Assert.Equal(schema, d.GetProperty("schema").GetString());
        Assert.Equal(Environment.ProcessorCount == 1 && rows == "products" ? count / 2 : count, d.GetProperty(rows).GetArrayLength());
        Assert.All(d.GetProperty(rows).EnumerateArray(), row => Assert.All(row.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Number), p => Assert.True(p.Value.GetDouble() > 0, p.ToString())));
    }

    /// <summary>Small squares are slower than a model's products; the best of all is what shares are of.</summary>
    [Fact]
    public void No_product_is_faster_than_the_peak()
    {
        Ended ended = sandbox.Run("bench", "gemm", "--sizes", "8", "--width", "128", "--layers", "1", "--batch", "2", "--vocab", "256", "--threads", "1", "--seconds", "0.002", "--json");
        Assert.True(ended.ExitCode == 0, ended.ToString());
        JsonElement d = JsonDocument.Parse(ended.Output).RootElement;
        double[] rates = [.. d.GetProperty("products").EnumerateArray().Select(p => p.GetProperty("flopsPerSecond").GetDouble())];
        Assert.True(rates[0] < rates[1..].Max(), ended.Output); // the square is not the best
        Assert.Equal(rates.Max(), d.GetProperty("peaks")[0].GetProperty("flopsPerSecond").GetDouble());
        Assert.Equal(1, d.GetProperty("products").EnumerateArray().Max(p => p.GetProperty("shareOfPeak").GetDouble()));
    }

    [Theory]
    [InlineData("--stack 2 --kernels fused", true)]
    [InlineData("--stack 2", false)] // nobody asked for them
    [InlineData("--stack 2 --kernels reference", false)]
    [InlineData("--kernels fused", false)]
    public void Fused_kernels_asked_for_a_stack_are_answered_with_a_warning(string arguments, bool warns)
    {
        Ended ended = sandbox.Run(["bench", "step", .. Tiny.Split(' '), .. arguments.Split(' '), "--steps", "1"]);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.Equal(warns ? "warning: --kernels fused: a stack trains on libtorch's operators, so these are times of --kernels reference\n" : "", ended.Error);
        Assert.Contains(arguments.StartsWith("--stack", StringComparison.Ordinal) ? ", reference kernels, stack of 2, " : ", fused kernels, ", ended.Output);
    }

    [Fact]
    public void Memory_gives_its_speed_and_what_a_step_takes()
    {
        Ended ended = sandbox.Run(["bench", "memory", .. Tiny.Split(' '), "--size", "4", "--seconds", "0.001", "--json"]);
        Assert.True(ended.ExitCode == 0, ended.ToString());
        JsonElement d = JsonDocument.Parse(ended.Output).RootElement;
        Assert.Equal("scalinglab.bench-memory/1", d.GetProperty("schema").GetString());
        Assert.Equal(2.0 * (4 << 20), d.GetProperty("copy").GetProperty("bytesMoved").GetDouble());
        Assert.Equal(3.0 * (4 << 20), d.GetProperty("triad").GetProperty("bytesMoved").GetDouble());
        JsonElement step = d.GetProperty("stepBytes");
        Assert.Equal(16 * d.GetProperty("model").GetProperty("parameters").GetInt64(), step.GetProperty("weights").GetInt64());
        if (step.GetProperty("stepPeak").ValueKind == JsonValueKind.Number)
            Assert.True(step.GetProperty("stepPeak").GetInt64() > step.GetProperty("weights").GetInt64(), step.ToString());
    }

    /// <summary>On few observations and columns: the laws that need more are named with the reason, and those are the slow ones.</summary>
    [Fact]
    public void Fit_times_every_law_and_approach_without_an_engine()
    {
        sandbox.Environment["SCALINGLAB_NATIVE"] = "/nowhere/libscalinglab_torch.so";
        var rows = from n in new[] { 1e7, 3e7, 9e7, 2.7e8, 8.1e8 }
                   from tokens in new[] { 3e8, 1.2e9, 4.8e9, 1.9e10, 7.7e10 }
                   select FormattableString.Invariant($"{n},{tokens},{(1.8 + 480 / Math.Pow(n, 0.35) + 2100 / Math.Pow(tokens, 0.37)) * (1 + 0.002 * Math.Sin(n + tokens))}");
        File.WriteAllLines(Path.Combine(sandbox.Work, "points.csv"), ["N,D,loss", .. rows]);
        Ended ended = sandbox.Run("bench", "fit", "points.csv", "--rounds", "1", "--resamples", "20", "--warm", "0", "--json");
        Assert.True(ended.ExitCode == 0, ended.ToString());
        JsonElement d = JsonDocument.Parse(ended.Output).RootElement;
        Assert.Equal("scalinglab.bench-fit/1", d.GetProperty("schema").GetString());
        Assert.Equal(25, d.GetProperty("observations").GetInt32());
        string[] names = [.. d.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("name").GetString()!)];
        Assert.All(new[] { "chinchilla, log-huber:1e-3", "chinchilla, 20 case resamples", "kaplan-nd", "isoFLOP, akima", "envelope, minimum", "envelope, hull" }, n => Assert.Contains(names, x => x.StartsWith(n, StringComparison.Ordinal)));
        Assert.All(d.GetProperty("rows").EnumerateArray(), r => Assert.True(r.GetProperty("milliseconds").GetProperty("median").GetDouble() > 0));
        Assert.Contains(d.GetProperty("left").EnumerateArray(), l => l.GetProperty("name").GetString() == "data-constrained" && l.GetProperty("reason").GetString() == "no column unique_tokens");
    }

    [Fact]
    public void Help_says_what_each_flag_is() => Assert.All(new[] { "bench", "bench step", "bench gemm", "bench attention", "bench memory", "bench fit" }, command =>
    {
        Ended ended = sandbox.Run([.. command.Split(' '), "--help"]);
        Assert.Equal(0, ended.ExitCode);
        Approved.Equal($"Help.{command.Replace(' ', '-')}", ended.Output);
    });

    [Fact]
    public void Slices_are_answered_as_they_are_asked_for()
    {
        Ended ended = sandbox.RunShell($"printf '2\\n3\\n' | '{Sandbox.Program}' bench step {Tiny} --slices --json");
        Assert.True(ended.ExitCode == 0, ended.ToString());
        string[] lines = ended.Output.Split('\n');
        Assert.Equal(2, JsonDocument.Parse(lines[0]).RootElement.GetProperty("stepMilliseconds").GetArrayLength());
        Assert.Equal(3, JsonDocument.Parse(lines[1]).RootElement.GetProperty("stepMilliseconds").GetArrayLength());
        Assert.Equal(5, JsonDocument.Parse(string.Join('\n', lines[2..])).RootElement.GetProperty("stepsTimed").GetInt32());
        Ended wrong = sandbox.RunShell($"echo -1 | '{Sandbox.Program}' bench step {Tiny} --slices");
        Assert.True(wrong.ExitCode == 2, wrong.ToString());
        Assert.Contains("stdin: '-1' is no number of steps", wrong.Error);
    }
}
