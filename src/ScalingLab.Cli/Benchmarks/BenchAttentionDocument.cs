using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Training.Benchmarks;

namespace ScalingLab.Cli.Benchmarks;

/// <summary>Attention at one length of context.</summary>
/// <param name="Context">Tokens of a sequence.</param>
/// <param name="Batch">Sequences.</param>
/// <param name="ForwardMilliseconds">From queries, keys and values to mixed values, what backward needs kept.</param>
/// <param name="BackwardMilliseconds">The gradient of those.</param>
/// <param name="ForwardFlopsPerSecond">FLOPs of the two products over the median; the causal mask is not exploited in the count.</param>
/// <param name="BackwardFlopsPerSecond">Likewise, of twice as many FLOPs.</param>
internal sealed record BenchAttentionRow(int Context, int Batch, MillisecondsDocument ForwardMilliseconds, MillisecondsDocument BackwardMilliseconds, double ForwardFlopsPerSecond, double BackwardFlopsPerSecond);

/// <summary>What <c>bench attention --json</c> prints.</summary>
internal sealed record BenchAttentionDocument(int Width, int Heads, string Positions, bool QkNorm, string Kernels, int Threads, double GemmPeakFlopsPerSecond, BenchDeviceDocument Device, string Dtype, IReadOnlyList<BenchAttentionRow> Contexts, BenchEngineFacts Engine)
{
    [JsonPropertyOrder(-1)]
    public string Schema { get; init; } = "scalinglab.bench-attention/1";

    /// <summary>Times each length of context with about as many tokens as the model's batch has, one sequence at least.</summary>
    public static BenchAttentionDocument Measure(BenchedModel model, IReadOnlyList<int> contexts, double seconds, BenchSetup setup)
    {
        model.WarnOfKernels(setup.On);
        long tokens = (long)model.Batch * model.Shape.ContextTokens;
        BenchAttentionRow[] rows = [.. contexts.Select(context =>
        {
            int batch = (int)Math.Max(1, tokens / context);
            var shape = model.Shape with { ContextTokens = context };
            (Timings forward, Timings backward) = AttentionBenchmark.Time(shape, batch, model.Kernels, seconds, setup.On);
            double flops = AttentionBenchmark.ForwardFlops(shape, batch);
            return new BenchAttentionRow(context, batch, MillisecondsDocument.Of(forward), MillisecondsDocument.Of(backward), flops / forward.Median, 2 * flops / backward.Median);
        })];
        BenchModelDocument described = BenchModelDocument.Of(model, setup.On);
        return new(described.Width, described.Heads, described.Positions, described.QkNorm, described.Kernels!, setup.Threads ?? 1, ProductPeak.FlopsPerSecond(setup.On), setup.Peak, setup.Dtype, rows, BenchEngineFacts.Collect());
    }

    public string ToJson() => JsonSerializer.Serialize(this, BenchAttentionJson.Default.BenchAttentionDocument);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BenchAttentionDocument))]
internal sealed partial class BenchAttentionJson : JsonSerializerContext;
