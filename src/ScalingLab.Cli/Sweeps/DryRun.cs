using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Cli.Devices;
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
        return Show(sweep.Name, plan, settings, SweepDevices.Of(settings.Device), Console.Out, Terminal.Out);
    }

    /// <summary>The same on devices that were found already.</summary>
    /// <param name="name">Of the sweep.</param>
    /// <param name="plan">Its runs.</param>
    /// <param name="settings">Flags.</param>
    /// <param name="devices">What it would train on.</param>
    /// <param name="output">Takes lines.</param>
    /// <param name="tables">Takes tables; writes to <paramref name="output"/>.</param>
    public static ExitCode Show(string name, SweepPlan plan, SweepSettings settings, SweepDevices devices, TextWriter output, IAnsiConsole tables)
    {
        IReadOnlyList<GpuDevice> gpus = devices.Gpus;
        foreach (PlannedRun run in plan.Runs)
            ProductTypes.Require(run.Config.Training.Dtype, onGpu: gpus.Count > 0);
        WorkPlan work = WorkPlan.Of(plan.Runs, settings, devices, corpusTokens: 0); // nothing is tokenized yet
        WorkerCount workers = work.Workers;
        foreach (string warning in work.Warnings)
            Console.Error.WriteLine($"warning: {warning}");
        if (settings.Json)
        {
            var document = new DryRunDocument(name, plan.Flops, plan.Tokens, workers.Jobs, workers.Bytes, [.. gpus.Select(g => g.Device.ToString()).DefaultIfEmpty("cpu")], [.. plan.Runs.Select(r => DryRunRow.Of(r, gpus.Count > 0))])
            {
                Stacks = work.HasStacks ? [.. work.Stacks.Select(DryRunStack.Of)] : null,
                CudaGraphs = work.Captures,
            };
            output.WriteLine(JsonSerializer.Serialize(document, DryRunJson.Default.DryRunDocument));
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

        tables.Write(table);
        if (work.HasStacks)
            tables.Write(StackTable(work));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Runs.Count} runs, {plan.Runs.Sum(r => r.Observations)} observations, {plan.Tokens:N0} tokens, {plan.Flops:0.00e+0} FLOPs"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{workers.Jobs} {(workers.Jobs == 1 ? "worker" : "workers")}, together at most {workers.Bytes / 1e9:0.0} GB of {workers.MachineBytes / 1e9:0.0} GB{(gpus.Count > 0 ? $" a GPU: {string.Join(", ", gpus.Select(g => $"{g.Device} {g.Name}"))}" : "")}"));
        if (work.Captures)
            output.WriteLine("each step is one CUDA graph, that of a run alone too; --stack off trains without");
        else if (work.StacksOfOne)
            output.WriteLine("steps are launched operator by operator: the engine is built without CUDA's headers, and so has no graphs; see 'scalinglab doctor'");
        return ExitCode.Success;
    }

    private static Table StackTable(WorkPlan work)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("stack", "runs (E)", "tokens", "longest run", "memory, GB");
        for (int i = 1; i < table.Columns.Count; i++)
            table.Columns[i].RightAligned();
        foreach (PlannedStack stack in work.Stacks)
        {
            table.AddRow(
                stack.Size == 1 ? stack.Runs[0].Id : stack.Runs[0].Config.Model.SizeName, Text(stack.Size, "N0"), Text(stack.Runs.Sum(r => r.Tokens), "N0"),
                Text(stack.Runs.Max(r => r.Tokens), "N0"), Text(stack.MemoryBytes / 1e9, "0.0"));
        }

        return table;
    }

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

    /// <summary>Runs that share a step; null where every run is trained alone.</summary>
    public IReadOnlyList<DryRunStack>? Stacks { get; init; }

    /// <summary>Whether each worker's step is one CUDA graph.</summary>
    public bool CudaGraphs { get; init; }
}

/// <summary>Runs of one worker.</summary>
internal sealed record DryRunStack(int Size, double MemoryBytes, IReadOnlyList<string> Runs)
{
    public static DryRunStack Of(PlannedStack stack) => new(stack.Size, stack.MemoryBytes, [.. stack.Runs.Select(r => r.Id)]);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DryRunDocument))]
internal sealed partial class DryRunJson : JsonSerializerContext;
