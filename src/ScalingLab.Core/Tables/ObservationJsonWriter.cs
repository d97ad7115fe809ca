using System.Text.Encodings.Web;
using System.Text.Json;

namespace ScalingLab.Core.Tables;

/// <summary>Writes a table as JSON lines: an object a row under the names of the CSV, null where the source has no value.</summary>
internal static class ObservationJsonWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(ObservationTable table, Stream stream)
    {
        ObservationColumn[] columns = ObservationCsvWriter.Columns(table);
        for (int i = 0; i < table.Rows.Count; i++)
        {
            using (var json = new Utf8JsonWriter(stream, Options))
            {
                json.WriteStartObject();
                foreach (ObservationColumn column in columns)
                    Write(json, ColumnNames.Written[(int)column], table, i, column);
                for (int extra = 0; extra < table.ExtraColumns.Count; extra++)
                    json.WriteString(table.ExtraColumns[extra], table.Extras[i][extra]);
                json.WriteEndObject();
            }

            stream.WriteByte((byte)'\n');
        }
    }

    private static void Write(Utf8JsonWriter json, string name, ObservationTable table, int row, ObservationColumn column)
    {
        if (column == ObservationColumn.Run)
            json.WriteString(name, table.Rows[row].Run);
        else if (column == ObservationColumn.Group)
            json.WriteString(name, table.Rows[row].Group);
        else if (ObservationTable.Value(table.Rows[row], column) is { } value && double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }
}
