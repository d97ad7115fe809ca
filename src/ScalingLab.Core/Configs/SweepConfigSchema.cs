using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ScalingLab.Core.Configs;

/// <summary>JSON schema of a sweep file, for editors.</summary>
public static class SweepConfigSchema
{
    /// <summary>Draft 2020-12, indented.</summary>
    public static string ToJson()
    {
        JsonObject schema = Section();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "ScalingLab sweep");
        var defaults = new SweepConfig();
        foreach (ConfigKey key in SweepConfigKeys.All)
        {
            JsonObject at = schema;
            string[] parts = key.Path.Split('.');
            foreach (string section in parts[..^1])
            {
                var members = (JsonObject)at["properties"]!;
                if (members[section] is null)
                    members[section] = Section();
                at = (JsonObject)members[section]!;
            }
            JsonObject value = key.Schema();
            value.Insert(0, "description", $"{key.Summary} Default: {key.Format(defaults)}.");
            ((JsonObject)at["properties"]!)[parts[^1]] = value;
        }
        // Plain text for a file or a terminal, never for a page: '>' and quotes need no escapes.
        return schema.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private static JsonObject Section() => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject(),
    };
}
