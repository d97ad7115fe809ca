using System.Text.Json.Serialization;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;

namespace ScalingLab.Core.Runs;

/// <summary>JSON of run folders: snake_case, doubles in the shortest form that reads back exactly, NaN refused, no reflection at start-up.</summary>
/// <remarks>Derived members such as parameter totals are written too, for readers in other languages, and ignored when read.</remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = false,
    Converters =
    [
        typeof(ChoiceConverter<EndReason>),
        typeof(ChoiceConverter<TokenizerKind>), typeof(ChoiceConverter<Norm>), typeof(ChoiceConverter<Activation>),
        typeof(ChoiceConverter<Positions>), typeof(ChoiceConverter<HyperParameterRule>), typeof(ChoiceConverter<ScheduleKind>), typeof(ChoiceConverter<KernelChoice>), typeof(ChoiceConverter<ProductType>),
    ])]
[JsonSerializable(typeof(RunManifest))]
[JsonSerializable(typeof(DoneRecord))]
[JsonSerializable(typeof(ClaimRecord))]
[JsonSerializable(typeof(LogEntry))]
[JsonSerializable(typeof(EvalEntry))]
public sealed partial class RunJson : JsonSerializerContext;
