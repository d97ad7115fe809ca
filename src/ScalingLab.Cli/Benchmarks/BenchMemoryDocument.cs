using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Core.Models;
using ScalingLab.Training;
using ScalingLab.Training.Benchmarks;

namespace ScalingLab.Cli.Benchmarks;

/// <summary>Speed of memory.</summary>
/// <param name="Milliseconds">Times.</param>
/// <param name="BytesMoved">Read and written.</param>
/// <param name="BytesPerSecond">At the median.</param>
internal sealed record BenchBandwidthDocument(MillisecondsDocument Milliseconds, double BytesMoved, double BytesPerSecond)
{
    public static BenchBandwidthDocument Of(Timings times, double bytes) => new(MillisecondsDocument.Of(times), bytes, bytes / times.Median);
}

/// <summary>Memory of a process that trains.</summary>
/// <param name="ResidentBefore">Bytes resident before there was a model, libtorch included.</param>
/// <param name="PeakResident">The most bytes resident while steps were taken; null where the system does not let them be counted.</param>
/// <param name="Weights">Bytes of weights, gradients and both moments.</param>
/// <param name="StepPeak">Peak less what was resident before: weights, gradients, moments, activations. On a GPU: the most that tensors took by libtorch's allocator; null where the engine has no CUDA part.</param>
internal sealed record BenchStepMemoryDocument(long? ResidentBefore, long? PeakResident, long Weights, long? StepPeak);

/// <summary>What <c>bench memory --json</c> prints.</summary>
internal sealed record BenchMemoryDocument(BenchBandwidthDocument Copy, BenchBandwidthDocument Triad, BenchStepMemoryDocument StepBytes, BenchModelDocument Model, int Threads, BenchDeviceDocument Device, BenchEngineFacts Engine)
{
    private const int Steps = 3; // the second is the first with moments that are touched

    [JsonPropertyOrder(-1)]
    public string Schema { get; init; } = "scalinglab.bench-memory/1";

    /// <summary>Takes a few steps of a model, then moves vectors of so many elements.</summary>
    public static BenchMemoryDocument Measure(BenchedModel model, long elements, double seconds, BenchSetup setup)
    {
        BenchStepMemoryDocument step = OfStep(model, setup.On); // before the vectors, whose memory the process keeps
        double bytes = sizeof(float) * (double)elements;
        var copy = BenchBandwidthDocument.Of(MemoryBenchmark.Copy(elements, seconds, setup.On.Device), 2 * bytes);
        var triad = BenchBandwidthDocument.Of(MemoryBenchmark.Triad(elements, seconds, setup.On.Device), 3 * bytes);
        return new(copy, triad, step, BenchModelDocument.Of(model, setup.On), setup.Threads ?? 1, setup.Peak, BenchEngineFacts.Collect());
    }

    public string ToJson() => JsonSerializer.Serialize(this, BenchMemoryJson.Default.BenchMemoryDocument);

    private static BenchStepMemoryDocument OfStep(BenchedModel model, BenchDevice on)
    {
        model.WarnOfKernels(on);
        long weights = 4 * sizeof(float) * ParameterCounts.Of(model.Shape, model.Vocabulary).Total;
        if (on.Device.CudaIndex is { } gpu) // resident bytes of the process say nothing of the GPU's memory
            return new(null, null, weights, ProviderCapabilities.PeakDeviceBytes(gpu, Run));
        bool counted = MemoryBenchmark.ResetPeak();
        (long Now, long Peak)? before = MemoryBenchmark.Resident();
        Run();
        (long Now, long Peak)? after = counted ? MemoryBenchmark.Resident() : null;
        return new(before?.Now, after?.Peak, weights, after?.Peak - before?.Now);

        void Run()
        {
            using var benchmark = new StepBenchmark(model.Shape, model.Vocabulary, model.Batch, model.Kernels, on);
            benchmark.Run(Steps);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BenchMemoryDocument))]
internal sealed partial class BenchMemoryJson : JsonSerializerContext;
