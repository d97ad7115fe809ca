using System.Globalization;
using System.Reflection;

namespace ScalingLab.Planning.Reference;

/// <summary>A table of facts that is part of the program: CSV with a header, quoted where a field holds a comma.</summary>
internal static class ReferenceTable
{
    /// <summary>Rows of an embedded file, each by the name of its columns.</summary>
    public static IReadOnlyList<ReferenceRow> Read(string file)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"ScalingLab.Planning.Reference.{file}")
            ?? throw new InvalidOperationException($"The table {file} is not embedded.");
        using var reader = new StreamReader(stream);
        string[] header = Fields(reader.ReadLine()!);
        var rows = new List<ReferenceRow>();
        while (reader.ReadLine() is { Length: > 0 } line)
            rows.Add(new ReferenceRow(file, header, Fields(line)));
        return rows;
    }

    private static string[] Fields(string line)
    {
        var fields = new List<string>();
        bool quoted = false;
        int start = 0;
        for (int i = 0; i <= line.Length; i++)
        {
            if (i < line.Length && line[i] == '"')
                quoted = !quoted;
            if (i == line.Length || line[i] == ',' && !quoted)
            {
                fields.Add(line[start..i].Trim('"'));
                start = i + 1;
            }
        }
        return [.. fields];
    }
}

/// <summary>One row of a table of facts.</summary>
internal sealed record ReferenceRow(string File, string[] Header, string[] Values)
{
    public string Text(string column) => Values[Column(column)];

    public double Number(string column) => double.Parse(Text(column), CultureInfo.InvariantCulture);

    /// <summary>Null where the cell is empty: not supported, or not known.</summary>
    public double? Optional(string column) => Text(column) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    public int Whole(string column) => (int)Number(column);

    public bool YesNo(string column) => Text(column) == "yes";

    private int Column(string name) => Array.IndexOf(Header, name) is >= 0 and var at && at < Values.Length ? at : throw new InvalidOperationException($"{File}: no column {name} in a row of {Values.Length}.");
}
