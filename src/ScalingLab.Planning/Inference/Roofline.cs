using ScalingLab.Planning.Models;

namespace ScalingLab.Planning.Inference;

/// <summary>Time of one step under both ceilings.</summary>
/// <param name="ComputeSeconds">FLOPs over the reachable FLOP/s.</param>
/// <param name="MemorySeconds">Bytes over the reachable bandwidth.</param>
public readonly record struct StepTime(double ComputeSeconds, double MemorySeconds)
{
    /// <summary>The slower of the two.</summary>
    public double Seconds => Math.Max(ComputeSeconds, MemorySeconds);

    /// <summary>compute or bandwidth.</summary>
    public string Bound => ComputeSeconds >= MemorySeconds ? "compute" : "bandwidth";
}

/// <summary>Speed of a group of accelerators that hold one copy of a model, by roofline (Williams et al. 2009, CACM 52(4)).</summary>
/// <param name="Model">Model.</param>
/// <param name="Devices">Accelerators of the group; what they say to each other is taken as free.</param>
/// <param name="FlopsPerSecond">Reachable, of one accelerator.</param>
/// <param name="BytesPerSecond">Reachable, of one accelerator.</param>
/// <param name="WeightBytes">Bytes a weight.</param>
/// <param name="KvBytes">Bytes a cached value.</param>
public sealed record Roofline(ModelSize Model, int Devices, double FlopsPerSecond, double BytesPerSecond, double WeightBytes, double KvBytes)
{
    /// <summary>Reading a prompt: 2·N a token, and attention to the half of the prompt that is behind it on average.</summary>
    public StepTime Prefill(double promptTokens) => new(
        promptTokens * (2 * Model.ActiveParameters + AttentionFlops(promptTokens / 2)) / (Devices * FlopsPerSecond),
        (Model.ParametersRead(promptTokens) * WeightBytes + promptTokens * KvCache.BytesPerToken(Model.Shape, KvBytes)) / (Devices * BytesPerSecond));

    /// <summary>One token for each sequence of a batch: all weights are read once, and every sequence's cache.</summary>
    /// <param name="batch">Sequences decoded together.</param>
    /// <param name="contextTokens">Tokens that each looks back on.</param>
    public StepTime Decode(double batch, double contextTokens) => new(
        batch * (2 * Model.ActiveParameters + AttentionFlops(contextTokens)) / (Devices * FlopsPerSecond),
        (Model.ParametersRead(batch) * WeightBytes + batch * contextTokens * KvCache.BytesPerToken(Model.Shape, KvBytes)) / (Devices * BytesPerSecond));

    /// <summary>Batch from which the products with weights are bound by compute: peak/bandwidth · bytes a weight / 2 (153 on an A100 and 295 on an H100 at 16 bits).</summary>
    public double CrossoverBatch => FlopsPerSecond / BytesPerSecond * WeightBytes / 2;

    // Two products a head and layer: 4·L·a·d_head FLOPs a token behind.
    private double AttentionFlops(double contextTokens) => 4.0 * Model.Shape.Layers * Model.Shape.AttentionWidth * contextTokens;
}
