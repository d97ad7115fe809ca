using System.Globalization;
using System.Text;
using System.Text.Json;
using ScalingLab.Cli.Devices;
using ScalingLab.Cli.Sweeps;
using ScalingLab.Cli.Tests.Devices;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;

namespace ScalingLab.Cli.Tests.Sweeps;

/// <summary>What <c>sweep --dry-run</c> says on a machine with a GPU, whose list is a made one.</summary>
public sealed class GpuDryRunTests
{
    // Attention's matrices weigh enough here that the kernels show in the estimate.
    private static readonly SweepConfig Sweep = new()
    {
        Name = "tiny",
        Corpus = new CorpusConfig { Path = "x" },
        Model = new ModelShape { Layers = 2, Width = 64, Heads = 4, ContextTokens = 512 },
        Training = new TrainingConfig { BatchTokens = 4096 },
        Sweep = new SweepAxes { Tokens = [40_960], Seeds = [1, 2] },
    };

    [Theory]
    [InlineData(KernelChoice.Fused, false)]
    [InlineData(KernelChoice.Reference, true)]
    public void The_memory_of_a_run_is_the_devices_by_the_operators_it_trains_on(KernelChoice kernels, bool matrices)
    {
        SweepPlan plan = Plan(kernels);
        using JsonDocument document = JsonDocument.Parse(Show(plan, "off", json: true, gpus: 1, graphs: true));
        double expected = StepMemory.GpuBytes(Sweep.Model, 257, 4096, matrices);
        JsonElement[] runs = [.. document.RootElement.GetProperty("runs").EnumerateArray()];
        Assert.Equal(2, runs.Length);
        Assert.All(runs, r => Assert.Equal(expected, r.GetProperty("memoryBytes").GetDouble()));
        Assert.Equal("cuda:0", document.RootElement.GetProperty("devices")[0].GetString());
        Assert.False(document.RootElement.GetProperty("cudaGraphs").GetBoolean());
        string gigabytes = (expected / 1e9).ToString("0.0", CultureInfo.InvariantCulture);
        string[] rows = [.. Show(plan, "off", json: false, gpus: 1, graphs: true).Split('\n').Where(l => l.Contains("L2-d64", StringComparison.Ordinal))];
        Assert.Equal(2, rows.Length);
        Assert.All(rows, row => Assert.Contains($" {gigabytes} ", row, StringComparison.Ordinal));

        using JsonDocument onCpu = JsonDocument.Parse(Show(plan, "off", json: true, gpus: 0, graphs: false));
        Assert.Equal(StepMemory.WorkerBytes(Sweep.Model, 257, 4096, kernels), onCpu.RootElement.GetProperty("runs")[0].GetProperty("memoryBytes").GetDouble());
    }

    [Theory]
    [InlineData(true, "each step is one CUDA graph, that of a run alone too; --stack off trains without")]
    [InlineData(false, "steps are launched operator by operator: the engine is built without CUDA's headers, and so has no graphs; see 'scalinglab doctor'")]
    public void Graphs_are_promised_only_where_the_engine_has_them(bool graphs, string line)
    {
        SweepPlan plan = Plan(KernelChoice.Fused);
        Assert.Equal(line, Show(plan, "auto", json: false, gpus: 1, graphs).TrimEnd().Split('\n')[^1]);
        using JsonDocument document = JsonDocument.Parse(Show(plan, "auto", json: true, gpus: 1, graphs));
        Assert.Equal(graphs, document.RootElement.GetProperty("cudaGraphs").GetBoolean());
        Assert.Equal(2, document.RootElement.GetProperty("stacks")[0].GetProperty("size").GetInt32());
        Assert.DoesNotContain("operator by operator", Show(plan, "off", json: false, gpus: 1, graphs), StringComparison.Ordinal);
    }

    private static SweepPlan Plan(KernelChoice kernels) => SweepPlan.Of(Sweep with { Training = Sweep.Training with { Kernels = kernels } }, 257);

    private static string Show(SweepPlan plan, string stack, bool json, int gpus, bool graphs)
    {
        using StringWriter output = new(new StringBuilder(), CultureInfo.InvariantCulture);
        var settings = new SweepSettings("runs", null, new DeviceRequest("auto", null), json, StackChoice.Read(stack, []));
        Assert.Equal(ExitCode.Success, DryRun.Show("tiny", plan, settings, new SweepDevices(new FakeGpus(gpus).Gpus, graphs), output, Terminal.Make(output, redirected: true)));
        return output.ToString();
    }
}
