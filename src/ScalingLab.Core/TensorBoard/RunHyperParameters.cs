using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Models;
using ScalingLab.Core.Runs;

namespace ScalingLab.Core.TensorBoard;

/// <summary>What a run was made with, as flat names and single values.</summary>
internal static class RunHyperParameters
{
    private static readonly string[] Sections = ["model", "training", "corpus"];

    /// <summary>The config's single values under dotted names, and the counts of parameters; what is null is left out.</summary>
    /// <returns>Strings, booleans and doubles by name, in the order of the config.</returns>
    public static IReadOnlyList<KeyValuePair<string, object>> Of(RunManifest manifest)
    {
        var values = new List<KeyValuePair<string, object>>();
        JsonObject config = JsonSerializer.SerializeToNode(manifest.Config, ConfigJson.Default.RunConfig)!.AsObject();
        foreach (string section in Sections)
            Flatten(config[section], section, values);
        ParameterCounts parameters = ParameterCounts.Of(manifest.Config.Model, manifest.Vocabulary);
        values.Add(new("parameters.total", (double)parameters.Total));
        values.Add(new("parameters.non_embedding", (double)parameters.NonEmbedding));
        return values;
    }

    private static void Flatten(JsonNode? node, string name, List<KeyValuePair<string, object>> values)
    {
        if (node is JsonObject map)
        {
            foreach ((string key, JsonNode? inner) in map)
                Flatten(inner, $"{name}.{key}", values);
            return;
        }

        object? value = node?.GetValueKind() switch
        {
            JsonValueKind.String => node.GetValue<string>(),
            JsonValueKind.Number => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };
        if (value is not null)
            values.Add(new(name, value));
    }
}
