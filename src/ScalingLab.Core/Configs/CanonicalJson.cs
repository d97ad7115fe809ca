using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ScalingLab.Core.Configs;

/// <summary>The one text of a run's config, and the run id made from its hash.</summary>
public static class CanonicalJson
{
    private const int HashDigits = 8; // 32 bits: two of a thousand runs of equal readable name meet once in 9,000 sweeps.

    /// <summary>Compact JSON with keys sorted by ordinal value and every member written: equal configs give equal text on every machine and in every locale.</summary>
    /// <remarks>Doubles are written in the shortest form that reads back as the same double. All but ASCII is escaped: what a laxer encoder lets through changes with Unicode's tables.</remarks>
    public static string Of(RunConfig config)
    {
        JsonNode node = JsonSerializer.SerializeToNode(config, ConfigJson.Default.RunConfig)!;
        return Sorted(node)!.ToJsonString();
    }

    /// <summary>SHA-256 of the canonical JSON's UTF-8 bytes, in lower-case hex.</summary>
    public static string Sha256(RunConfig config) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Of(config))));

    /// <summary>Name of the run's folder: size, training tokens and seed to read, and the start of the hash to tell apart, e.g. <c>L2-d64-1.2M-s1-3f9c0a12</c>.</summary>
    public static string RunId(RunConfig config) => string.Create(
        CultureInfo.InvariantCulture,
        $"{config.Model.SizeName}-{Numbers.Compact(config.Training.Tokens)}-s{config.Training.Seed}-{Sha256(config)[..HashDigits]}");

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
