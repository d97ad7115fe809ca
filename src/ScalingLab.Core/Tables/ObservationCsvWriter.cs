using System.Globalization;
using ScalingLab.Core.Runs;

namespace ScalingLab.Core.Tables;

/// <summary>Writes a table as CSV: RFC 4180 quotes, newline line ends, numbers in their shortest exact form.</summary>
internal static class ObservationCsvWriter
{
    /// <summary>Header and rows; a missing value is an empty field.</summary>
    public static void Write(ObservationTable table, TextWriter writer)
    {
        ObservationColumn[] columns = Columns(table);
        WriteLine(writer, [.. columns.Select(c => ColumnNames.Written[(int)c]), .. table.ExtraColumns]);
        for (int i = 0; i < table.Rows.Count; i++)
            WriteLine(writer, [.. Fields(table.Rows[i], columns), .. i < table.Extras.Count ? table.Extras[i] : []]);
    }

    /// <summary>The columns that are written: those of every table, and of the others those with a value in them.</summary>
    public static ObservationColumn[] Columns(ObservationTable table) =>
        [.. Enum.GetValues<ObservationColumn>().Where(c => ColumnNames.Always(c) || table.Rows.Any(r => ObservationTable.Value(r, c) is not null))];

    private static IEnumerable<string> Fields(Observation row, ObservationColumn[] columns) => columns.Select(column => column switch
    {
        ObservationColumn.Run => row.Run,
        ObservationColumn.Group => row.Group ?? "",
        _ => ObservationTable.Value(row, column)?.ToString("R", CultureInfo.InvariantCulture) ?? "",
    });

    private static void WriteLine(TextWriter writer, IEnumerable<string> fields)
    {
        writer.Write(string.Join(',', fields.Select(Quoted)));
        writer.Write('\n');
    }

    /// <summary>A field, in quotes where it needs them.</summary>
    public static string Quoted(string field) =>
        field.AsSpan().IndexOfAny(",;\t\"\r\n ") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
