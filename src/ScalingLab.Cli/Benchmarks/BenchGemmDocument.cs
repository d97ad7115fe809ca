using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Training.Benchmarks;

namespace ScalingLab.Cli.Benchmarks;

/// <summary>One product.</summary>
/// <param name="Name">square, or the linear map that it belongs to.</param>
/// <param name="Kind">forward, inputGradient or weightGradient.</param>
/// <param name="M">Rows.</param>
/// <param name="N">Columns.</param>
/// <param name="K">Length of the sums.</param>
/// <param name="Threads">Threads; 1 on a GPU.</param>
/// <param name="Milliseconds">Times.</param>
/// <param name="FlopsPerSecond">At the median.</param>
/// <param name="ShareOfPeak">Of the peak on as many threads.</param>
internal sealed record BenchGemmRow(string Name, string Kind, long M, long N, long K, int Threads, MillisecondsDocument Milliseconds, double FlopsPerSecond, double ShareOfPeak);

/// <summary>The best of all products that were timed, at its median time: squares as a rule, a model's where the squares were small.</summary>
/// <param name="Threads">Threads.</param>
/// <param name="FlopsPerSecond">FLOP/s.</param>
internal sealed record BenchGemmPeak(int Threads, double FlopsPerSecond);

/// <summary>What <c>bench gemm --json</c> prints.</summary>
internal sealed record BenchGemmDocument(IReadOnlyList<BenchGemmPeak> Peaks, IReadOnlyList<BenchGemmRow> Products, BenchModelDocument Model, BenchDeviceDocument Device, string Dtype, BenchEngineFacts Engine)
{
    [JsonPropertyOrder(-1)]
    public string Schema { get; init; } = "scalinglab.bench-gemm/1";

    /// <summary>Times squares and the products of a model on each number of threads.</summary>
    public static BenchGemmDocument Measure(BenchedModel model, IReadOnlyList<int> sizes, IReadOnlyList<int> threads, double seconds, BenchSetup setup)
    {
        var peaks = new List<BenchGemmPeak>();
        var rows = new List<BenchGemmRow>();
        foreach (int count in threads)
        {
            ProductBenchmark.UseThreads(count);
            var timed = sizes.Select(n => Product.Square(n)).Concat(Product.OfModel(model.Shape, model.Vocabulary, model.Batch)).Select(p => (Product: p, Times: ProductBenchmark.Time(p, seconds, setup.On))).ToArray();
            double peak = timed.Max(t => t.Product.Flops / t.Times.Median);
            peaks.Add(new(count, peak));
            rows.AddRange(timed.Select(t => Row(t.Product, t.Times, count, peak)));
        }

        return new(peaks, rows, BenchModelDocument.Of(model, null), setup.Peak, setup.Dtype, BenchEngineFacts.Collect());
    }

    public string ToJson() => JsonSerializer.Serialize(this, BenchGemmJson.Default.BenchGemmDocument);

    private static BenchGemmRow Row(Product p, Timings times, int threads, double peak)
    {
        double rate = p.Flops / times.Median;
        string kind = p.Kind switch { ProductKind.Forward => "forward", ProductKind.InputGradient => "inputGradient", _ => "weightGradient" };
        return new(p.Name, kind, p.M, p.N, p.K, threads, MillisecondsDocument.Of(times), rate, rate / peak);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BenchGemmDocument))]
internal sealed partial class BenchGemmJson : JsonSerializerContext;
