using System.Text.Json;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Models;
using ScalingLab.Planning.Reference;

namespace ScalingLab.Planning.Memory;

/// <summary>What <c>plan memory --json</c> prints: how a training run fits into devices.</summary>
public sealed record MemoryPlan
{
    /// <summary>Share of a device's memory that may be filled: the rest is for the framework, buffers of the network and fragments.</summary>
    public const double DefaultUsable = 0.9;

    /// <summary>Format.</summary>
    public string Schema { get; init; } = "scalinglab.plan.memory/1";

    /// <summary>N, all parameters.</summary>
    public required double Params { get; init; }

    /// <summary>Dimensions.</summary>
    public required TransformerShape Shape { get; init; }

    /// <summary>Where the dimensions come from.</summary>
    public required string ShapeSource { get; init; }

    /// <summary>Accelerator.</summary>
    public required string Accelerator { get; init; }

    /// <summary>Memory of a device.</summary>
    public required double DeviceBytes { get; init; }

    /// <summary>What of it may be filled.</summary>
    public required double UsableBytes { get; init; }

    /// <summary>The layout.</summary>
    public required LayoutDocument Layout { get; init; }

    /// <summary>Bytes on the fullest device.</summary>
    public required DeviceBytes BytesPerDevice { get; init; }

    /// <summary>What a reader should know.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>What was taken for granted.</summary>
    public required IReadOnlyList<string> Assumptions { get; init; }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PlanJson.Default.MemoryPlan);

    /// <summary>The smallest layout within limits that fits.</summary>
    /// <exception cref="UserErrorException">None fits, or the limits contradict each other; the smallest that would fit is named.</exception>
    public static MemoryPlan For(ModelSize model, Accelerator accelerator, LayoutLimits limits, double usableShare = DefaultUsable)
    {
        Check(model, limits);
        double usable = accelerator.MemoryBytes * usableShare;
        var layout = LayoutSearch.Smallest(model, usable, limits) ?? throw Refused(model, accelerator, limits, usable);
        return new()
        {
            Params = model.Parameters,
            Shape = model.Shape,
            ShapeSource = model.ShapeSource,
            Accelerator = accelerator.Name,
            DeviceBytes = accelerator.MemoryBytes,
            UsableBytes = usable,
            Layout = LayoutDocument.Of(layout),
            BytesPerDevice = TrainingMemory.Of(model, layout),
            Warnings = [.. Warn(model, limits)],
            Assumptions =
            [
                "16 bytes a parameter: 2 weights, 2 gradients, 12 Adam with master weights (Rajbhandari et al. 2020, arXiv:1910.02054, Sec. 3.1)",
                "activations by Korthikanti et al. 2022, arXiv:2205.05198, Table 2 and Sec. 4.3",
                FormattableString.Invariant($"{usableShare * 100:0.##} % of memory may be filled; 1 GB is 10^9 bytes; parameters evenly spread over ranks and stages"),
            ],
        };
    }

    private static IEnumerable<string> Warn(ModelSize model, LayoutLimits limits)
    {
        if (model.IsGuessed)
            yield return $"the shape is {ModelSize.Guessed}: give --layers, --width and --heads, or --model";
        if (model.Experts > 1 || model.Parameters != model.ActiveParameters)
            yield return "experts are spread over tensor ranks, stages and ZeRO only; activations are those of a dense model of the same width";
        if (limits.Tensor > limits.DevicesPerNode)
            yield return $"tensor ranks reach over nodes of {limits.DevicesPerNode}: slow";
    }

    private static void Check(ModelSize model, LayoutLimits limits)
    {
        if (limits.Tensor is { } t && model.Shape.Heads % t != 0)
            throw Usage("SL0140", $"--tp {t} does not divide the {model.Shape.Heads} heads", $"try {Divisors(model.Shape.Heads, t)}");
        if (limits.Pipeline is { } p && model.Shape.Layers % p != 0)
            throw Usage("SL0140", $"--pp {p} does not divide the {model.Shape.Layers} layers", $"try {Divisors(model.Shape.Layers, p)}");
        if (limits.Zero is < 0 or > 3)
            throw Usage("SL0140", $"--zero {limits.Zero} is no stage of ZeRO", "stages are 0, 1, 2 and 3");
        if (limits is { Devices: { } k, Tensor: { } tp, Pipeline: { } pp } && k % ((long)tp * pp) != 0)
            throw Usage("SL0140", $"--count {k} is not a multiple of --tp {tp} times --pp {pp}", $"try {Math.Max(1, k / (tp * pp)) * (long)tp * pp}");
        if (limits is { Devices: { } all, Tensor: { } tensor, Pipeline: { } stages, Data: { } copies } && (long)tensor * stages * copies != all)
            throw Usage("SL0140", $"--tp {tensor} times --pp {stages} times --dp {copies} is {(long)tensor * stages * copies}, and --count says {all}", "leave one of them out");
    }

    private static string Divisors(int whole, int near)
    {
        int below = Enumerable.Range(1, whole).Last(i => whole % i == 0 && i <= Math.Max(1, near)), above = Enumerable.Range(1, whole).FirstOrDefault(i => whole % i == 0 && i > near);
        return above == 0 ? $"{below}" : $"{below} or {above}";
    }

    private static UserErrorException Refused(ModelSize model, Accelerator accelerator, LayoutLimits limits, double usable)
    {
        var free = LayoutSearch.Smallest(model, usable, new() { MicroBatch = limits.MicroBatch, Recompute = limits.Recompute, DevicesPerNode = limits.DevicesPerNode })
            ?? LayoutSearch.Smallest(model, usable, new() { Recompute = Recompute.Full, DevicesPerNode = limits.DevicesPerNode });
        string help = free is null ? "no layout fits: take an accelerator with more memory, or a shorter context" : $"the smallest layout that fits has {free.Devices} devices: {free}";
        if (LayoutSearch.Leanest(model, limits) is not { } lean)
            return Usage("SL0141", $"no layout uses {limits.Devices} devices within the other flags", help);
        var bytes = TrainingMemory.Of(model, lean);
        return Usage("SL0141", FormattableString.Invariant($"{model.Parameters:0.###e0} parameters do not fit: at best {Gb(bytes.Total)} a device ({lean}) of which weights {Gb(bytes.Weights)}, gradients {Gb(bytes.Gradients)}, optimizer {Gb(bytes.Optimizer)}, activations {Gb(bytes.Activations)}; usable on {accelerator.Name} are {Gb(usable)}"), help);
    }

    private static string Gb(double bytes) => bytes < 1e15 ? FormattableString.Invariant($"{bytes / 1e9:0.0} GB") : FormattableString.Invariant($"{bytes / 1e9:0.##e0} GB");

    private static UserErrorException Usage(string code, string message, string help) => new(ExitCode.Usage, new Diagnostic(code, message, Help: help));
}

/// <summary>A layout as in a file.</summary>
/// <param name="Tensor">t.</param>
/// <param name="Pipeline">p.</param>
/// <param name="Data">d.</param>
/// <param name="Zero">Stage of ZeRO.</param>
/// <param name="MicroBatch">b.</param>
/// <param name="SequenceParallel">Whether sequence ranks are used.</param>
/// <param name="Recompute">none, selective or full.</param>
/// <param name="Devices">t·p·d.</param>
public sealed record LayoutDocument(int Tensor, int Pipeline, int Data, int Zero, int MicroBatch, bool SequenceParallel, string Recompute, long Devices)
{
    /// <summary>The document of a layout.</summary>
    public static LayoutDocument Of(Layout l) => new(l.Tensor, l.Pipeline, l.Data, l.Zero, l.MicroBatch, l.SequenceParallel, l.Recompute.ToString().ToLowerInvariant(), l.Devices);
}
