using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Cli.Devices;
using ScalingLab.Cli.Machine;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Devices;
using Spectre.Console;

namespace ScalingLab.Cli.Sweeps;

/// <summary>What a sweep would train, before anything is installed, tokenized or written.</summary>
internal static class DryRun
{
    public static ExitCode Show(SweepConfig sweep, SweepSettings settings)
    {
        SweepPlan plan = SweepPlan.Of(sweep, sweep.Corpus.TokenizerVocabulary);
        foreach (string warning in plan.Warnings)
            Console.Error.WriteLine($"warning: {warning}");
        IReadOnlyList<GpuDevice> gpus = settings.Device.Gpus(CudaDriver.Ask(), () => EngineProbe.Ask());
        foreach (PlannedRun run in plan.Runs)
            ProductTypes.Require(run.Config.Training.Dtype, onGpu: gpus.Count > 0);
        WorkerCount workers = gpus.Count == 0 ? WorkerCount.For(plan.Runs, settings.Jobs) : OnGpus(GpuWorkers.For(plan.Runs, settings.Jobs, gpus));
        if (workers.Warning is { } tooMany)
            Console.Error.WriteLine($"warning: {tooMany}");
        if (settings.Json)
        {
            var document = new DryRunDocument(sweep.Name, plan.Flops, plan.Tokens, workers.Jobs, workers.Bytes, [.. gpus.Select(g => g.Device.ToString()).DefaultIfEmpty("cpu")], [.. plan.Runs.Select(r => DryRunRow.Of(r, gpus.Count > 0))]);
            Console.Out.WriteLine(JsonSerializer.Serialize(document, DryRunJson.Default.DryRunDocument));
            return ExitCode.Success;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("run", "parameters", "non-embedding", "tokens", "tokens/param", "steps", "learning rate", "FLOPs", "memory, GB", "observations");
        for (int i = 1; i < table.Columns.Count; i++)
            table.Columns[i].RightAligned();
        foreach (DryRunRow row in plan.Runs.Select(r => DryRunRow.Of(r, gpus.Count > 0)))
        {
            table.AddRow(
                row.Run, Text(row.Parameters, "N0"), Text(row.ParametersNonEmbedding, "N0"), Text(row.Tokens, "N0"), Text(row.TokensPerParameter, "F1"),
                Text(row.Steps, "N0"), Text(row.LearningRate, "0.####"), Text(row.Flops, "0.00e+0"), Text(row.MemoryBytes / 1e9, "0.0"), Text(row.Observations, "N0"));
        }

        Terminal.Out.Write(table);
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Runs.Count} runs, {plan.Runs.Sum(r => r.Observations)} observations, {plan.Tokens:N0} tokens, {plan.Flops:0.00e+0} FLOPs"));
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{workers.Jobs} {(workers.Jobs == 1 ? "worker" : "workers")}, together at most {workers.Bytes / 1e9:0.0} GB of {workers.MachineBytes / 1e9:0.0} GB{(gpus.Count > 0 ? $" a GPU: {string.Join(", ", gpus.Select(g => $"{g.Device} {g.Name}"))}" : "")}"));
        return ExitCode.Success;
    }

    private static WorkerCount OnGpus(GpuWorkers workers) => new(workers.Jobs, workers.Bytes, workers.GpuBytes ?? double.NaN, workers.Warning);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>One planned run.</summary>
internal sealed record DryRunRow(string Run, long Parameters, long ParametersNonEmbedding, long Tokens, double TokensPerParameter, long Steps, double LearningRate, double Flops, double MemoryBytes, int Observations)
{
    public static DryRunRow Of(PlannedRun run, bool onGpu) => new(
        run.Id, run.Parameters.Total, run.Parameters.NonEmbedding, run.Tokens, (double)run.Tokens / run.Parameters.Total, run.Steps, run.PeakLearningRate, run.Flops, onGpu ? run.GpuMemoryBytes : run.MemoryBytes, run.Observations);
}

/// <summary>The JSON of <c>sweep --dry-run --json</c>.</summary>
internal sealed record DryRunDocument(string Sweep, double Flops, long Tokens, int Jobs, double MemoryBytes, IReadOnlyList<string> Devices, IReadOnlyList<DryRunRow> Runs)
{
    public string Schema { get; init; } = "scalinglab.dry-run/1";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DryRunDocument))]
internal sealed partial class DryRunJson : JsonSerializerContext;
