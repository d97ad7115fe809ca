using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Training;
using ScalingLab.Training.Benchmarks;
using ScalingLab.Training.Model;

namespace ScalingLab.Cli.Benchmarks;

/// <summary>Times in milliseconds.</summary>
internal sealed record MillisecondsDocument(double Median, double Min, double Max)
{
    public static MillisecondsDocument Of(Timings t) => new(t.Median * 1e3, t.Min * 1e3, t.Max * 1e3);
}

/// <summary>The model that was timed.</summary>
internal sealed record BenchModelDocument(int Layers, int Width, int Heads, int Context, int Batch, int Vocab, string Norm, string Activation, string Positions, bool QkNorm, bool TiedHead, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Kernels, long Parameters)
{
    /// <param name="m">The model.</param>
    /// <param name="on">What it runs on, for what its step is made of; null where only its products are timed.</param>
    public static BenchModelDocument Of(BenchedModel m, BenchDevice? on) => new(
        m.Shape.Layers, m.Shape.Width, m.Shape.Heads, m.Shape.ContextTokens, m.Batch, m.Vocabulary, ChoiceNames<Norm>.Of(m.Shape.Norm),
        ChoiceNames<Activation>.Of(m.Shape.Activation), ChoiceNames<Positions>.Of(m.Shape.Positions), m.Shape.QkNorm, m.Shape.TiedHead, on is null ? null : StepOperators.For(m.Kernels, on.Products, on.Device.ToTorch()).ToString(), ParameterCounts.Of(m.Shape, m.Vocabulary).Total);
}

/// <summary>What <c>bench step --json</c> prints.</summary>
internal sealed record BenchStepDocument
{
    [JsonPropertyOrder(-1)]
    public string Schema { get; init; } = "scalinglab.bench-step/1";

    /// <summary>Tokens of a step over the median time of one.</summary>
    public required double TokensPerSecond { get; init; }

    public required MillisecondsDocument StepMilliseconds { get; init; }

    /// <summary>Products as dispatched; null where the provider cannot count.</summary>
    public required double? FlopsPerStepMeasured { get; init; }

    /// <summary>Products by the model's shape.</summary>
    public required double FlopsPerStepAnalytic { get; init; }

    /// <summary>Best rate of square products on the same threads, before or after the steps.</summary>
    public required double GemmPeakFlopsPerSecond { get; init; }

    /// <summary>Share of that peak that the analytic FLOPs over the median time make. Forward and backward products, causal mask not exploited, nothing recomputed.</summary>
    public required double? Mfu { get; init; }

    /// <summary>The same share of the dense peak that the device's maker states; null without one.</summary>
    public required double? MfuOfDensePeak { get; init; }

    /// <summary>The device and that peak.</summary>
    public required BenchDeviceDocument Accelerator { get; init; }

    public required BenchModelDocument Model { get; init; }

    /// <summary>Runs that share a step; tokens and FLOPs are those of all of them.</summary>
    public required int Stack { get; init; }

    /// <summary>Whether a step was one CUDA graph.</summary>
    public required bool Graph { get; init; }

    public required int Threads { get; init; }

    public required string Device { get; init; }

    public required string Dtype { get; init; }

    public required int StepsTimed { get; init; }

    public required int WarmupSteps { get; init; }

    public required BenchEngineFacts Engine { get; init; }

    /// <summary>Of each step of the first run, warm-up included, nats per token.</summary>
    public required IReadOnlyList<double?> Losses { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, BenchStepJson.Default.BenchStepDocument);
}

/// <summary>Answer to a slice.</summary>
/// <param name="StepMilliseconds">Of each step.</param>
/// <param name="TokensPerStep">Tokens.</param>
internal sealed record BenchSliceDocument(double[] StepMilliseconds, long TokensPerStep)
{
    public string ToLine() => JsonSerializer.Serialize(this, BenchSliceJson.Default.BenchSliceDocument);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BenchStepDocument))]
internal sealed partial class BenchStepJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BenchSliceDocument))]
internal sealed partial class BenchSliceJson : JsonSerializerContext;
