using CsvHelper;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Tables;

/// <summary>One record of a CSV and the line on which it starts.</summary>
internal sealed record CsvRow(int Line, string[] Fields);

/// <summary>A CSV file as text fields: header and rows.</summary>
internal sealed record CsvText(string Path, string[] Header, IReadOnlyList<CsvRow> Rows)
{
    /// <summary>Reads a file. Only CsvHelper's fields are used, not its record mapping: columns are known only once the header is read.</summary>
    /// <exception cref="UserErrorException">It is empty, cannot be read, or rows differ in length.</exception>
    public static CsvText Read(string path)
    {
        string text = ReadAll(path);
        string first = text.Split('\n', 2)[0];
        var options = new CsvReaderOptions
        {
            Separator = new[] { ',', ';', '\t' }.MaxBy(d => first.Count(c => c == d)), // MaxBy keeps the first of equals: the comma.
            HasHeader = false,
            TrimWhitespace = true,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
        };
        var rows = new List<CsvRow>();
        try
        {
            using CsvReader reader = CsvReader.FromText(text, options);
            while (reader.Read())
                rows.Add(new CsvRow((int)reader.LineNumber, [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)]));
        }
        catch (CsvFormatException e)
        {
            throw Corrupt([new Diagnostic("SL0401", "the quotes of this line do not match", new SourceLocation(path, (int)e.LineNumber, 0), "a quoted field ends with a quote right before the separator; a quote inside it is doubled")]);
        }
        if (rows.Count == 0)
            throw Corrupt([new Diagnostic("SL0401", "the file is empty", new SourceLocation(path, 0, 0), "it needs a header line and one line for each observation")]);
        return new CsvText(path, rows[0].Fields, rows[1..]).Checked();
    }

    /// <summary>An error in the contents.</summary>
    public static UserErrorException Corrupt(IReadOnlyList<Diagnostic> problems) => new(ExitCode.CorruptData, problems);

    private CsvText Checked()
    {
        const int MostShown = 20;
        Diagnostic[] uneven = [.. Rows.Where(r => r.Fields.Length != Header.Length).Take(MostShown).Select(r =>
            new Diagnostic("SL0403", $"{r.Fields.Length} fields where the header has {Header.Length}", new SourceLocation(Path, r.Line, 0)))];
        string[] twice = [.. Header.GroupBy(h => h).Where(g => g.Count() > 1).Select(g => g.Key)];
        if (twice.Length > 0)
            throw Corrupt([new Diagnostic("SL0404", $"the header names '{string.Join("', '", twice)}' twice", new SourceLocation(Path, 1, 0), "rename one of them")]);
        if (uneven.Length > 0)
            throw Corrupt(uneven);
        if (Rows.Count == 0)
            throw Corrupt([new Diagnostic("SL0401", "the file has a header and no rows", new SourceLocation(Path, 0, 0))]);
        return this;
    }

    private static string ReadAll(string path)
    {
        try
        {
            return File.ReadAllText(path); // Takes the byte-order mark off.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0106", $"'{path}' cannot be read: {e.Message.TrimEnd('.')}"), e);
        }
    }
}
