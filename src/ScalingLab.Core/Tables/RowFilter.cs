using System.Globalization;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Core.Tables;

/// <summary><c>--where</c>: conditions on a row's columns, all of which must hold.</summary>
internal sealed class RowFilter
{
    private static readonly string[] Operators = ["<=", ">=", "!=", "==", "=", "<", ">"]; // Longer ones first.

    private readonly List<(int Column, string Operator, string Value)> conditions = [];

    /// <param name="where">E.g. <c>in_fit=1,D&lt;1e12</c>.</param>
    /// <param name="find">Index of a column by the name the user gave; null when there is none.</param>
    /// <param name="names">All names, to suggest from.</param>
    /// <exception cref="UserErrorException">A condition cannot be read or names no column: <see cref="ExitCode.Usage"/>.</exception>
    public RowFilter(string where, Func<string, int?> find, IReadOnlyList<string> names)
    {
        var problems = new List<Diagnostic>();
        foreach (string condition in where.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            (int at, string? op) = FirstOperator(condition);
            string name = at < 0 ? condition : condition[..at].Trim();
            if (op is null || name.Length == 0)
                problems.Add(new Diagnostic("SL0110", $"--where: '{condition}' is no condition", null, "write column=value, with = != < <= > or >="));
            else if (find(name) is not { } column)
                problems.Add(new Diagnostic("SL0111", $"--where names no column: '{name}'", null, Suggestions.DidYouMean(name, names) ?? $"the columns are {string.Join(", ", names)}"));
            else
                conditions.Add((column, op, condition[(at + op.Length)..].Trim()));
        }
        if (problems.Count > 0)
            throw new UserErrorException(ExitCode.Usage, problems);
    }

    /// <summary>Whether a row meets every condition. Two numbers are compared as numbers, anything else as text.</summary>
    public bool Keeps(CsvRow row) => conditions.TrueForAll(c => Holds(row.Fields[c.Column], c.Operator, c.Value));

    private static bool Holds(string field, string op, string value)
    {
        bool numbers = Number(field, out double a) & Number(value, out double b);
        if (numbers && (double.IsNaN(a) || double.IsNaN(b)))
            return op == "!=";
        int order = numbers ? a.CompareTo(b) : string.CompareOrdinal(field, value);
        return op switch
        {
            "<=" => order <= 0,
            ">=" => order >= 0,
            "!=" => order != 0,
            "<" => order < 0,
            ">" => order > 0,
            _ => order == 0,
        };
    }

    private static bool Number(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static (int At, string? Operator) FirstOperator(string condition)
    {
        int at = condition.IndexOfAny(['<', '>', '=', '!']);
        return at < 0 ? (-1, null) : (at, Operators.FirstOrDefault(o => condition.AsSpan(at).StartsWith(o)));
    }
}
