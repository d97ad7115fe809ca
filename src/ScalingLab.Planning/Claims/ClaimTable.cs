using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Tables;

namespace ScalingLab.Planning.Claims;

/// <summary>Reads tables of claims: columns <c>claim</c> and <c>claimed_value</c>, and where there are <c>id, source, formula, unit, recomputed, verdict</c>.</summary>
public static class ClaimTable
{
    /// <summary>The rows.</summary>
    /// <exception cref="UserErrorException">It cannot be read, or has no claims.</exception>
    public static IReadOnlyList<ClaimRow> Read(string path)
    {
        CsvText csv = CsvText.Read(path);
        int claim = Column("claim") ?? throw Lacks("claim"), claimed = Column("claimed_value") ?? Column("claimed") ?? throw Lacks("claimed_value");
        int? id = Column("id"), source = Column("source"), formula = Column("formula"), unit = Column("unit"), recomputed = Column("recomputed"), verdict = Column("verdict");
        return [.. csv.Rows.Select((r, i) => new ClaimRow(id is { } at ? r.Fields[at] : FormattableString.Invariant($"{i + 1}"), Text(r, source), r.Fields[claim], r.Fields[claimed],
            Text(r, formula), Text(r, unit), Text(r, recomputed), Text(r, verdict), r.Line))];

        int? Column(string name) => Array.FindIndex(csv.Header, h => string.Equals(h, name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var index ? index : null;

        static string Text(CsvRow row, int? column) => column is { } index ? row.Fields[index] : "";

        UserErrorException Lacks(string name) => CsvText.Corrupt([new Diagnostic("SL0402", $"no column '{name}'", new SourceLocation(path, 1, 0, string.Join(',', csv.Header)),
            Suggestions.DidYouMean(name, csv.Header) ?? "a table of claims has the columns claim and claimed_value, and perhaps id, source, formula, unit")]);
    }
}
