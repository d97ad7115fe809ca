using System.Text.Json.Serialization;
using ScalingLab.Planning.Inference;
using ScalingLab.Planning.Memory;
using ScalingLab.Planning.Optimum;
using ScalingLab.Planning.Training;

namespace ScalingLab.Planning;

/// <summary>Serialisation generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(OptimumPlan))]
[JsonSerializable(typeof(TrainPlan))]
[JsonSerializable(typeof(MemoryPlan))]
[JsonSerializable(typeof(InferPlan))]
public sealed partial class PlanJson : JsonSerializerContext;
