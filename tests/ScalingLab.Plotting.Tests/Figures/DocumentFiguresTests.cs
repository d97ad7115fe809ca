using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Plotting.Figures;
using ScalingLab.Plotting.Files;

namespace ScalingLab.Plotting.Tests.Figures;

public sealed class DocumentFiguresTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("scalinglab-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_backtest_gives_its_errors_as_printed()
    {
        Figure figure = Assert.Single(DocumentFigures.Read([Write("b.json", SmallStudy.Backtest().ToJson())]));
        Assert.Equal(new BacktestErrors(SmallStudy.Backtest()).ToTsv(), figure.ToTsv());
    }

    [Fact]
    public void Products_and_memory_give_a_roofline_whose_points_are_flops_over_bytes()
    {
        string gemm = Write("g.json", """{"schema":"scalinglab.bench-gemm/1","peaks":[{"threads":1,"flopsPerSecond":1e11}],"products":[{"name":"square","kind":"forward","m":300,"n":300,"k":300,"threads":1,"flopsPerSecond":9e10}]}""");
        string memory = Write("m.json", """{"schema":"scalinglab.bench-memory/1","triad":{"bytesPerSecond":1e10}}""");
        Figure figure = Assert.Single(DocumentFigures.Read([gemm, memory]));
        Assert.Equal($"square 300\t{300 / 6.0:R}\t90000000000\t100000000000", figure.ToTsv().Split('\n')[1]); // 2n³ FLOPs over 12n² bytes
        Assert.Contains("bench memory", Refusal(gemm, ExitCode.Usage));
        Assert.Contains("bench gemm", Refusal(memory, ExitCode.Usage));
    }

    /// <summary>bfloat16 moves half the bytes of float32, so the same product lies twice as far to the right.</summary>
    [Fact]
    public void A_roofline_of_a_gpu_takes_its_element_type_and_refuses_the_memory_of_another_device()
    {
        const string h100 = """{"name":"cuda:0","model":"NVIDIA H100 80GB HBM3","densePeakFlopsPerSecond":9.89e14}""";
        string gemm = Write("g.json", """{"schema":"scalinglab.bench-gemm/1","dtype":"bf16","device":DEVICE,"peaks":[{"threads":1,"flopsPerSecond":8e14}],"products":[{"name":"square","kind":"forward","m":3000,"n":3000,"k":3000,"threads":1,"flopsPerSecond":7e14}]}""".Replace("DEVICE", h100, StringComparison.Ordinal));
        string memory = Write("m.json", """{"schema":"scalinglab.bench-memory/1","device":DEVICE,"triad":{"bytesPerSecond":3e12}}""".Replace("DEVICE", h100, StringComparison.Ordinal));
        string cpu = Write("c.json", """{"schema":"scalinglab.bench-memory/1","device":{"name":"cpu","model":null},"triad":{"bytesPerSecond":1e10}}""");
        Assert.Equal($"square 3000\t{3000 / 3.0:R}\t700000000000000\t800000000000000", Assert.Single(DocumentFigures.Read([gemm, memory])).ToTsv().Split('\n')[1]);
        UserErrorException error = Assert.Throws<UserErrorException>(() => DocumentFigures.Read([gemm, cpu]));
        Assert.Contains("on cuda:0 NVIDIA H100 80GB HBM3, the memory of", error.Diagnostics[0].Message);
    }

    [Fact]
    public void Profiles_of_a_likelihood_keep_their_open_ends()
    {
        LikelihoodProfile open = new("rd", [(5, 8), (50, 0), (500, 1)], 50, 9, null);
        Assert.Contains("Open on a side, so not bounded by the data: rd", new LikelihoodProfiles([open], 0.95, 3.84).Caption);
        Assert.Equal(4, new LikelihoodProfiles([open], 0.95, 3.84).ToTsv().TrimEnd().Split('\n').Length);
    }

    [Fact]
    public void The_cost_of_a_plan_passes_through_the_plan_and_grows_with_flops()
    {
        string plan = Write("t.json", """{"schema":"scalinglab.plan.train/1","flops":1e24,"rentalUsd":2e6,"electricityUsd":1e4,"energyMwh":300,"accelerator":"h100","utilization":0.4,"bands":{"spreads":"utilization .28 to .44","rentalUsd":[1e6,4e6],"energyMwh":[250,400]}}""");
        string[][] rows = [.. Assert.Single(DocumentFigures.Read([plan])).ToTsv().TrimEnd().Split('\n').Skip(1).Select(r => r.Split('\t'))];
        Assert.Contains(rows, r => r is ["1E+24", "2000000", "1000000", "4000000", "300", "250", "400"]);
        Assert.All(rows, r => Assert.Equal(2e-18, double.Parse(r[1], System.Globalization.CultureInfo.InvariantCulture) / double.Parse(r[0], System.Globalization.CultureInfo.InvariantCulture), 1e-30));
    }

    [Theory]
    [InlineData("{\"schema\":\"other/1\"}", ExitCode.Usage, "no figure for 'other/1'")]
    [InlineData("{\"schema\":", ExitCode.CorruptData, "is not JSON")]
    [InlineData("[1]", ExitCode.CorruptData, "has no field 'schema'")]
    [InlineData("{\"schema\":\"scalinglab.plan.train/1\"}", ExitCode.CorruptData, "is not what scalinglab.plan.train/1 prints")]
    [InlineData("", ExitCode.CorruptData, "is not JSON")]
    public void What_cannot_be_drawn_is_refused_with_its_reason(string text, ExitCode code, string reason) => Assert.Contains(reason, Refusal(Write("x.json", text), code));

    private static string Refusal(string path, ExitCode code)
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => DocumentFigures.Read([path]));
        Assert.Equal(code, error.ExitCode);
        return error.Diagnostics[0].Message + " " + error.Diagnostics[0].Help;
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
