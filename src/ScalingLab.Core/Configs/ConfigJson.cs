using System.Text.Json.Serialization;
using ScalingLab.Core.Models;

namespace ScalingLab.Core.Configs;

/// <summary>JSON of configs: snake_case, derived members left out, no reflection at start-up.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    IgnoreReadOnlyProperties = true,
    WriteIndented = false,
    Converters =
    [
        typeof(ChoiceConverter<TokenizerKind>), typeof(ChoiceConverter<Norm>), typeof(ChoiceConverter<Activation>),
        typeof(ChoiceConverter<Positions>), typeof(ChoiceConverter<HyperParameterRule>), typeof(ChoiceConverter<ScheduleKind>), typeof(ChoiceConverter<KernelChoice>), typeof(ChoiceConverter<ProductType>),
    ])]
[JsonSerializable(typeof(RunConfig))]
internal sealed partial class ConfigJson : JsonSerializerContext;
