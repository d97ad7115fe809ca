using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Core.Tables;
using ScalingLab.Training.Benchmarks;

namespace ScalingLab.Cli.Benchmarks;

/// <summary>One thing that was timed.</summary>
/// <param name="Name">What.</param>
/// <param name="Threads">Threads it used at most.</param>
/// <param name="Milliseconds">Times over the rounds.</param>
/// <param name="TargetMilliseconds">What the median should be at most on two cores; null where nothing is promised.</param>
internal sealed record BenchFitRow(string Name, int Threads, MillisecondsDocument Milliseconds, double? TargetMilliseconds);

/// <summary>What was not timed.</summary>
/// <param name="Name">What.</param>
/// <param name="Reason">Why not.</param>
internal sealed record BenchFitLeft(string Name, string Reason);

/// <summary>What <c>bench fit --json</c> prints: schema scalinglab.bench-fit/1.</summary>
internal sealed record BenchFitDocument(string Source, int Observations, int Rounds, string Processor, int Processors, string Dotnet, IReadOnlyList<BenchFitRow> Rows, IReadOnlyList<BenchFitLeft> Left)
{
    private const int WarmCalls = 40; // The runtime compiles a method anew after 30 calls.

    [JsonPropertyOrder(-1)]
    public string Schema { get; init; } = "scalinglab.bench-fit/1";

    /// <summary>Warms everything up, then goes round: each task once a round, so that a slow spell of the machine falls on all.</summary>
    /// <param name="table">Observations.</param>
    /// <param name="curves">Observations with training curves.</param>
    /// <param name="rounds">Rounds, 1 or more.</param>
    /// <param name="resamples">Resamples of the bootstrap.</param>
    /// <param name="warmSeconds">Seconds for which each task is repeated untimed at first.</param>
    /// <param name="processor">Name of the processor.</param>
    public static BenchFitDocument Measure(ObservationTable table, ObservationTable curves, int rounds, int resamples, double warmSeconds, string processor)
    {
        var (tasks, left) = FitTasks.Of(table, curves, resamples);
        foreach (var task in tasks)
        {
            long start = Stopwatch.GetTimestamp();
            for (int call = 0; call < WarmCalls && Stopwatch.GetElapsedTime(start).TotalSeconds < warmSeconds; call++)
                task.Run();
        }
        Thread.Sleep(200); // The runtime's background compiler catches up.
        double[][] seconds = [.. tasks.Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
        {
            for (int t = 0; t < tasks.Count; t++)
            {
                long start = Stopwatch.GetTimestamp();
                tasks[t].Run();
                seconds[t][round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }
        return new(table.Source, table.Rows.Count, rounds, processor, Environment.ProcessorCount, Environment.Version.ToString(),
            [.. tasks.Select((t, i) => new BenchFitRow(t.Name, t.Threads, MillisecondsDocument.Of(Timings.Of(seconds[i])), t.TargetMilliseconds))], [.. left.Select(l => new BenchFitLeft(l.Name, l.Reason))]);
    }

    public string ToJson() => JsonSerializer.Serialize(this, BenchFitJson.Default.BenchFitDocument);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BenchFitDocument))]
internal sealed partial class BenchFitJson : JsonSerializerContext;
