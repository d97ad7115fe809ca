using System.Text.Json;
using System.Text.Json.Serialization;

namespace ScalingLab.Core.Configs;

/// <summary>How the values of an enum are spelt in files: snake_case, but <c>swiglu</c> and <c>steplaw2025</c> in one word as their papers do.</summary>
public static class ChoiceNames<T> where T : struct, Enum
{
    private static readonly T[] Values = Enum.GetValues<T>();
    private static readonly string[] Spelt = [.. Values.Select(v => Joined(Snake(v)))];

    /// <summary>All spellings, in the order of declaration.</summary>
    public static IReadOnlyList<string> All => Spelt;

    /// <summary>Spelling of a value.</summary>
    public static string Of(T value) => Spelt[Array.IndexOf(Values, value)];

    /// <summary>The value of a spelling; null when there is none. <c>swi_glu</c> is taken for <c>swiglu</c>.</summary>
    public static T? Parse(string name)
    {
        int i = Array.IndexOf(Spelt, Joined(name));
        return i < 0 ? null : Values[i];
    }

    private static string Snake(T value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static string Joined(string name) => name switch
    {
        "swi_glu" => "swiglu",
        "step_law2025" => "steplaw2025",
        _ => name,
    };
}

/// <summary>Reads and writes an enum in JSON by its <see cref="ChoiceNames{T}"/>.</summary>
public sealed class ChoiceConverter<T> : JsonConverter<T> where T : struct, Enum
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.GetString() is { } name && ChoiceNames<T>.Parse(name) is { } value
            ? value
            : throw new JsonException($"not one of {string.Join(", ", ChoiceNames<T>.All)}");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(ChoiceNames<T>.Of(value));
}
