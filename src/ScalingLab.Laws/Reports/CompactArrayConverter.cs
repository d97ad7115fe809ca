using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ScalingLab.Laws.Reports;

/// <summary>Writes a row of numbers on one line, so that a document of thousand resamples stays readable.</summary>
internal sealed class CompactArrayConverter : JsonConverter<double[]>
{
    public override double[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("An array of numbers is expected.");
        var values = new List<double>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number)
                throw new JsonException("An array of numbers is expected.");
            values.Add(reader.GetDouble());
        }
        return [.. values];
    }

    public override void Write(Utf8JsonWriter writer, double[] value, JsonSerializerOptions options) =>
        writer.WriteRawValue("[" + string.Join(", ", value.Select(v => v.ToString("R", CultureInfo.InvariantCulture))) + "]");
}

/// <summary>Likewise for an interval that may be open: [1.2, null].</summary>
internal sealed class CompactIntervalConverter : JsonConverter<double?[]>
{
    public override double?[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var values = new List<double?>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            values.Add(reader.TokenType == JsonTokenType.Null ? null : reader.GetDouble());
        return [.. values];
    }

    public override void Write(Utf8JsonWriter writer, double?[] value, JsonSerializerOptions options) =>
        writer.WriteRawValue("[" + string.Join(", ", value.Select(v => v?.ToString("R", CultureInfo.InvariantCulture) ?? "null")) + "]");
}
