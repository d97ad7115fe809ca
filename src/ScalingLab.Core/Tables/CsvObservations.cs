using System.Globalization;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;

namespace ScalingLab.Core.Tables;

/// <summary>Turns the rows of a CSV into observations, or reports the cells that are none.</summary>
internal sealed class CsvObservations(CsvText csv, string? columnsSpec, string? where)
{
    private const int MostProblems = 20;

    private readonly List<Diagnostic> problems = [];
    private readonly CsvColumns columns = new(csv, columnsSpec);

    /// <summary>The table.</summary>
    /// <exception cref="UserErrorException">See <see cref="ObservationTable.FromCsv"/>.</exception>
    public ObservationTable Read()
    {
        RowFilter? filter = where is null ? null : new RowFilter(where, columns.Find, csv.Header);
        CsvRow[] kept = [.. csv.Rows.Where(r => filter?.Keeps(r) ?? true)];
        if (kept.Length == 0)
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0115", $"--where \"{where}\" leaves none of {csv.Rows.Count} rows", null, "loosen a condition"));
        var rows = new List<Observation>(kept.Length);
        for (int i = 0; i < kept.Length && problems.Count < MostProblems; i++)
            rows.Add(Row(kept[i]));
        if (problems.Count > 0)
            throw CsvText.Corrupt([.. problems.Take(MostProblems)]);
        IReadOnlyList<int> others = columns.Others;
        return WithTokens(new ObservationTable
        {
            Source = csv.Path,
            Rows = rows,
            Notes = [.. columns.NearMisses()],
            ExtraColumns = [.. others.Select(i => csv.Header[i])],
            Extras = [.. kept.Select(r => (IReadOnlyList<string>)[.. others.Select(i => r.Fields[i])])],
        });
    }

    private Observation Row(CsvRow row) => new()
    {
        Run = Text(row, ObservationColumn.Run) ?? string.Create(CultureInfo.InvariantCulture, $"line-{row.Line}"),
        ParametersTotal = Number(row, ObservationColumn.ParamsTotal, required: true),
        ParametersNonEmbedding = Number(row, ObservationColumn.ParamsNonEmbedding),
        ParametersWithHead = Number(row, ObservationColumn.ParamsWithHead),
        Tokens = Number(row, ObservationColumn.Tokens, required: true),
        UniqueTokens = Number(row, ObservationColumn.UniqueTokens),
        Flops = Number(row, ObservationColumn.Flops),
        Loss = Number(row, ObservationColumn.Loss, required: true) ?? 0,
        Group = Text(row, ObservationColumn.Group),
        Steps = Number(row, ObservationColumn.Steps),
        BatchTokens = Number(row, ObservationColumn.BatchTokens),
        Weight = Number(row, ObservationColumn.Weight, required: true),
        LossSd = Number(row, ObservationColumn.LossSd, required: true),
        CriticalBatch = Number(row, ObservationColumn.CriticalBatch),
    };

    private string? Text(CsvRow row, ObservationColumn column) =>
        columns[column] is { } index && row.Fields[index] is { Length: > 0 } text ? text : null;

    /// <summary>A finite number above 0; null, with a problem noted, for anything else. An empty cell is a problem only where every law needs the number.</summary>
    private double? Number(CsvRow row, ObservationColumn column, bool required = false)
    {
        if (columns[column] is not { } index)
            return null;
        string text = row.Fields[index];
        if (text.Length == 0 && !required)
            return null;
        string? problem = text.Length == 0 ? "is empty"
            : text.TrimStart('+', '-').ToLowerInvariant() is "inf" or "infinity" or "nan" ? $"is {text}; it must be finite"
            : !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? $"is '{text}', not a number"
            : !double.IsFinite(value) ? $"is {text}, more than a number can hold"
            : value <= 0 ? $"is {text}; it must be above 0"
            : null;
        if (problem is null)
            return double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        string? help = text.Contains(',', StringComparison.Ordinal) ? "write decimals with a point and no thousands separators" : null;
        problems.Add(new Diagnostic("SL0405", $"{csv.Header[index]} {problem}", new SourceLocation(csv.Path, row.Line, 0, string.Join(',', row.Fields)), help));
        return null;
    }

    /// <summary>Tables of isoFLOP points often leave tokens out: D = C / (6 N).</summary>
    /// <remarks>C ≈ 6 N D: Kaplan et al. 2020, arXiv:2001.08361, Sec. 2.1.</remarks>
    private ObservationTable WithTokens(ObservationTable table)
    {
        if (columns[ObservationColumn.Tokens] is not null || columns[ObservationColumn.ParamsTotal] is not { } n || columns[ObservationColumn.Flops] is not { } c)
            return table;
        return table with
        {
            Rows = [.. table.Rows.Select(r => r with { Tokens = r.Flops / (6 * r.ParametersTotal) })],
            Notes = [.. table.Notes, $"tokens were computed as {csv.Header[c]} / (6 {csv.Header[n]}), since '{csv.Path}' has no column of them"],
        };
    }
}
