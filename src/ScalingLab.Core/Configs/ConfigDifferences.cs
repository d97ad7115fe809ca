using System.Text.Json.Nodes;

namespace ScalingLab.Core.Configs;

/// <summary>What differs between two runs' configs, for messages.</summary>
public static class ConfigDifferences
{
    /// <summary>One text a key whose values differ: <c>training.learning_rate 0.01, now 0.02</c>, in the order of the keys.</summary>
    /// <param name="before">The config that a run began with.</param>
    /// <param name="after">The config that it has now.</param>
    public static IReadOnlyList<string> Of(RunConfig before, RunConfig after)
    {
        Dictionary<string, string> old = Leaves(before), now = Leaves(after);
        return [.. old.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
            .Where(key => old.GetValueOrDefault(key) != now.GetValueOrDefault(key))
            .Select(key => $"{key} {old.GetValueOrDefault(key, "none")}, now {now.GetValueOrDefault(key, "none")}")];
    }

    private static Dictionary<string, string> Leaves(RunConfig config)
    {
        var leaves = new Dictionary<string, string>();
        Collect(JsonNode.Parse(CanonicalJson.Of(config)), "");
        return leaves;

        void Collect(JsonNode? node, string path)
        {
            if (node is JsonObject map)
            {
                foreach ((string key, JsonNode? value) in map)
                    Collect(value, path.Length == 0 ? key : $"{path}.{key}");
            }
            else
            {
                leaves[path] = node?.ToJsonString() ?? "none";
            }
        }
    }
}
