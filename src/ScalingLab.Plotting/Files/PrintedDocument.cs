using System.Text.Json;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Plotting.Files;

/// <summary>A document that a command printed with <c>--json</c>.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Root">What it says.</param>
internal sealed record PrintedDocument(string Path, string Schema, JsonElement Root)
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="UserErrorException">It cannot be read, is no JSON, or has no schema.</exception>
    public static PrintedDocument Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("schema", out JsonElement schema) && schema.ValueKind == JsonValueKind.String
                ? new(path, schema.GetString()!, document.RootElement.Clone())
                : throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0713", $"'{path}' has no field 'schema': it is no document of this program", null, "print it with --json"));
        }
        catch (JsonException e)
        {
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0713", $"'{path}' is not JSON: {e.Message}", null, "print it again with --json"), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0714", $"cannot read '{path}': {e.Message}"), e);
        }
    }

    /// <summary>A number; null where it is missing or null.</summary>
    public static double? Number(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    /// <summary>Two numbers; null where they are missing.</summary>
    public static (double Low, double High)? Pair(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2 && value[0].ValueKind == JsonValueKind.Number && value[1].ValueKind == JsonValueKind.Number
            ? (value[0].GetDouble(), value[1].GetDouble())
            : null;

    /// <summary>An element that is neither missing nor null.</summary>
    public static JsonElement? Part(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is not JsonValueKind.Null ? value : null;
}
