using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Tables;

/// <summary>Which column of a CSV is which: by <c>--columns</c>, else by the names in the header.</summary>
internal sealed class CsvColumns
{
    private readonly CsvText csv;
    private readonly Dictionary<ObservationColumn, int> indices = [];

    /// <exception cref="UserErrorException"><c>--columns</c> is wrong (<see cref="ExitCode.Usage"/>), or there is no loss or nothing for it to depend on (<see cref="ExitCode.CorruptData"/>).</exception>
    public CsvColumns(CsvText csv, string? columns)
    {
        this.csv = csv;
        if (columns is not null)
            Map(columns);
        foreach (ObservationColumn column in Enum.GetValues<ObservationColumn>())
            if (!indices.ContainsKey(column) && Recognise(column) is { } index && !indices.ContainsValue(index))
                indices[column] = index;
        RequireLoss();
    }

    /// <summary>Index of a column; null when the file has none.</summary>
    public int? this[ObservationColumn column] => indices.TryGetValue(column, out int index) ? index : null;

    /// <summary>Indices of the columns that no observation's column took.</summary>
    public IReadOnlyList<int> Others => [.. Enumerable.Range(0, csv.Header.Length).Where(i => !indices.ContainsValue(i))];

    /// <summary>Columns that were not read and whose names are a slip away from those of N or D, which the file lacks: what to do about each.</summary>
    public IEnumerable<string> NearMisses()
    {
        string[] others = [.. Others.Select(i => csv.Header[i]).Where(h => h.Length > 2)];
        foreach (ObservationColumn column in new[] { ObservationColumn.ParamsTotal, ObservationColumn.Tokens })
        {
            if (this[column] is null && ColumnNames.Of(column).Where(n => n.Length > 2).Select(n => Suggestions.Nearest(n, others)).FirstOrDefault(n => n is not null) is { } near)
                yield return $"column '{near}' was not read; if it holds {ColumnNames.Written[(int)column]}, give --columns {ColumnNames.Written[(int)column]}={near}";
        }
    }

    /// <summary>Index by a name as a user gives it: the header's own, the same in another case if that is unambiguous, or one of ours for it.</summary>
    public int? Find(string name) => ByHeader(name) ?? (ColumnNames.Find(name) is { } column ? this[column] : null);

    private int? ByHeader(string name)
    {
        int exact = Array.IndexOf(csv.Header, name);
        if (exact >= 0)
            return exact;
        int[] loose = [.. Enumerable.Range(0, csv.Header.Length).Where(i => string.Equals(csv.Header[i], name, StringComparison.OrdinalIgnoreCase))];
        return loose.Length == 1 ? loose[0] : null;
    }

    private int? Recognise(ObservationColumn column)
    {
        foreach (string name in ColumnNames.Of(column))
            if (ByHeader(name) is { } index && !(ColumnNames.Exact(column, name) && csv.Header[index] != name))
                return index;
        return null;
    }

    private void Map(string columns)
    {
        var problems = new List<Diagnostic>();
        foreach (string pair in columns.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string ours = equals < 0 ? pair : pair[..equals].Trim(), theirs = equals < 0 ? "" : pair[(equals + 1)..].Trim();
            if (equals <= 0 || theirs.Length == 0)
                problems.Add(new Diagnostic("SL0112", $"--columns: '{pair}' is no pair", null, "write ours=theirs, e.g. params=N,tokens=D,loss=loss"));
            else if (ColumnNames.Find(ours) is not { } column)
                problems.Add(new Diagnostic("SL0113", $"--columns: there is no quantity '{ours}'", null, Suggestions.DidYouMean(ours, ColumnNames.Written) ?? $"the quantities are {string.Join(", ", ColumnNames.Written)}"));
            else if (ByHeader(theirs) is not { } index)
                problems.Add(new Diagnostic("SL0114", $"--columns: '{csv.Path}' has no column '{theirs}'", null, Suggestions.DidYouMean(theirs, csv.Header) ?? Columns()));
            else if (!indices.TryAdd(column, index))
                problems.Add(new Diagnostic("SL0112", $"--columns names {ColumnNames.Written[(int)column]} twice"));
        }
        if (problems.Count > 0)
            throw new UserErrorException(ExitCode.Usage, problems);
    }

    private void RequireLoss()
    {
        var problems = new List<Diagnostic>();
        var header = new SourceLocation(csv.Path, 1, 0, string.Join(',', csv.Header));
        if (this[ObservationColumn.Loss] is null)
        {
            string? near = csv.Header.FirstOrDefault(h => h.Contains("loss", StringComparison.OrdinalIgnoreCase)) ?? Suggestions.Nearest("loss", csv.Header);
            problems.Add(new Diagnostic("SL0402", "no column 'loss'", header, near is null ? Columns() : $"is it '{near}'? then give --columns loss={near}"));
        }
        ObservationColumn[] causes = [ObservationColumn.ParamsTotal, ObservationColumn.ParamsNonEmbedding, ObservationColumn.ParamsWithHead, ObservationColumn.Tokens, ObservationColumn.Flops,
            ObservationColumn.Steps, ObservationColumn.BatchTokens, ObservationColumn.CriticalBatch];
        if (causes.All(c => this[c] is null))
            problems.Add(new Diagnostic("SL0402", "no column of parameters, tokens or FLOPs", header, $"name them, e.g. --columns params=N,tokens=D; {Columns()}"));
        if (problems.Count > 0)
            throw CsvText.Corrupt(problems);
    }

    private string Columns() => $"the columns are {string.Join(", ", csv.Header)}";
}
