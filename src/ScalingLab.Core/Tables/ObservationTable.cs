using System.Globalization;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;

namespace ScalingLab.Core.Tables;

/// <summary>A run that gave no observation, and why.</summary>
/// <param name="Run">Name of the run.</param>
/// <param name="Reason">E.g. <c>diverged</c>.</param>
public sealed record ExcludedRun(string Run, string Reason);

/// <summary>What <c>fit</c> consumes: observations from run folders or from any CSV.</summary>
public sealed record ObservationTable
{
    /// <summary>File or folder that it came from.</summary>
    public required string Source { get; init; }

    /// <summary>The observations, in the order of the source.</summary>
    public required IReadOnlyList<Observation> Rows { get; init; }

    /// <summary>Columns of a CSV that none of the observation's took, in the order of the file.</summary>
    public IReadOnlyList<string> ExtraColumns { get; init; } = [];

    /// <summary>Their text, one array a row, in the order of <see cref="ExtraColumns"/>.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Extras { get; init; } = [];

    /// <summary>What was done to the source that its owner should know, e.g. that tokens were computed from FLOPs.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Runs that gave no observation; only a folder of runs has them.</summary>
    public IReadOnlyList<ExcludedRun> Excluded { get; init; } = [];

    /// <summary>Reads a folder of runs or a CSV file.</summary>
    /// <param name="source">Folder or file.</param>
    /// <param name="columns">Argument of <c>--columns</c>; null without it.</param>
    /// <param name="where">Argument of <c>--where</c>; null without it.</param>
    /// <exception cref="UserErrorException">There is no such source, a flag is wrong (<see cref="ExitCode.Usage"/>), or the contents are (<see cref="ExitCode.CorruptData"/>).</exception>
    public static ObservationTable Load(string source, string? columns = null, string? where = null)
    {
        if (File.Exists(source))
            return FromCsv(source, columns, where);
        if (!Directory.Exists(source))
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0106", $"there is no file or folder '{source}'", null, "give a CSV file or a folder of runs"));
        if (columns is not null || where is not null)
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0103", $"--{(columns is null ? "where" : "columns")} is for a CSV file, and '{source}' is a folder of runs", null, "write the runs to a CSV with 'export --format csv' first"));
        return FromRuns(source);
    }

    /// <summary>Reads a CSV: comma, semicolon or tab between fields, a header line, numbers in invariant culture.</summary>
    /// <param name="path">File.</param>
    /// <param name="columns">Which column is which, e.g. <c>params=N,tokens=D,loss=loss</c>; null to go by the header's names.</param>
    /// <param name="where">Rows to keep, e.g. <c>in_fit=1,D&lt;1e12</c>; null for all.</param>
    /// <exception cref="UserErrorException">A flag is wrong (<see cref="ExitCode.Usage"/>) or the contents are (<see cref="ExitCode.CorruptData"/>), all rows at once up to 20.</exception>
    public static ObservationTable FromCsv(string path, string? columns = null, string? where = null) =>
        new CsvObservations(CsvText.Read(path), columns, where).Read();

    /// <summary>Reads the finished runs at or below a folder.</summary>
    /// <remarks>See <see cref="RunObservations"/> for which evaluations count.</remarks>
    /// <exception cref="UserErrorException">There is no such folder, no observation in it, or a run's files are damaged.</exception>
    public static ObservationTable FromRuns(string path) => RunObservations.Read(path);

    /// <summary>The value of a column in one row; null when the source has none.</summary>
    public static double? Value(Observation row, ObservationColumn column) => column switch
    {
        ObservationColumn.ParamsTotal => row.ParametersTotal,
        ObservationColumn.ParamsNonEmbedding => row.ParametersNonEmbedding,
        ObservationColumn.ParamsWithHead => row.ParametersWithHead,
        ObservationColumn.Tokens => row.Tokens,
        ObservationColumn.UniqueTokens => row.UniqueTokens,
        ObservationColumn.Flops => row.Flops,
        ObservationColumn.Loss => row.Loss,
        ObservationColumn.Steps => row.Steps,
        ObservationColumn.BatchTokens => row.BatchTokens,
        ObservationColumn.Weight => row.Weight,
        ObservationColumn.LossSd => row.LossSd,
        ObservationColumn.CriticalBatch => row.CriticalBatch,
        _ => throw new ArgumentOutOfRangeException(nameof(column), column, "The column holds no number."),
    };

    /// <summary>A column of numbers by its name: one of ours or of the file.</summary>
    /// <param name="name">Name.</param>
    /// <param name="flag">Flag that names it, for messages.</param>
    /// <exception cref="UserErrorException">There is none (<see cref="ExitCode.Usage"/>), or a cell is not a finite number above 0 (<see cref="ExitCode.CorruptData"/>).</exception>
    public double[] Numbers(string name, string flag)
    {
        int index = ExtraColumns.ToList().FindIndex(c => string.Equals(c, name, StringComparison.OrdinalIgnoreCase));
        Func<int, double?> value = index >= 0
            ? i => double.TryParse(Extras[i][index], NumberStyles.Float, CultureInfo.InvariantCulture, out double v) ? v : null
            : ColumnNames.Find(name) is { } column && column is not (ObservationColumn.Run or ObservationColumn.Group) && Rows.Any(r => Value(r, column) is not null)
                ? i => Value(Rows[i], column)
                : throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0111", $"{flag} names no column: '{name}'", null,
                    Suggestions.DidYouMean(name, ExtraColumns) ?? $"the columns are {string.Join(", ", Enum.GetValues<ObservationColumn>().Where(Holds).Select(c => ColumnNames.Written[(int)c]).Concat(ExtraColumns))}"));
        double?[] numbers = [.. Enumerable.Range(0, Rows.Count).Select(value)];
        int bad = Array.FindIndex(numbers, v => !(v > 0 && double.IsFinite(v.Value)));
        return bad < 0 ? [.. numbers.Select(v => v!.Value)] : throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0405",
            string.Create(CultureInfo.InvariantCulture, $"{name} of observation {bad + 1} ({Rows[bad].Run}) is not a finite number above 0"), null, "leave such rows out with --where"));
    }

    private bool Holds(ObservationColumn column) => column is not (ObservationColumn.Run or ObservationColumn.Group) && Rows.Any(r => Value(r, column) is not null);

    /// <summary>Whether every row has a number in a column.</summary>
    public bool Has(ObservationColumn column) => Rows.All(r => Value(r, column) is not null);

    /// <summary>Makes sure that a law's columns are there.</summary>
    /// <param name="purpose">Who needs them, for the message: <c>the chinchilla law</c>.</param>
    /// <param name="needed">Columns that must hold a number in every row.</param>
    /// <exception cref="UserErrorException">Some are not: <see cref="ExitCode.Usage"/>, with the columns there are.</exception>
    public void Require(string purpose, params ReadOnlySpan<ObservationColumn> needed)
    {
        var problems = new List<Diagnostic>();
        foreach (ObservationColumn column in needed)
        {
            int missing = Rows.Count(r => Value(r, column) is null);
            string name = ColumnNames.Written[(int)column];
            if (missing == Rows.Count)
                problems.Add(new Diagnostic("SL0402", $"{purpose} needs {name}, and '{Source}' has no such column", null, Help(name)));
            else if (missing > 0)
                problems.Add(new Diagnostic("SL0402", string.Create(CultureInfo.InvariantCulture, $"{purpose} needs {name}, and {missing} of {Rows.Count} rows have none"), null, "leave those rows out with --where"));
        }
        if (problems.Count > 0)
            throw new UserErrorException(ExitCode.Usage, problems);
    }

    /// <summary>Writes the rows as CSV under the names of DESIGN section 6, extra columns behind them.</summary>
    public void ToCsv(TextWriter writer) => ObservationCsvWriter.Write(this, writer);

    /// <summary>Writes the rows as JSON lines under the same names; UTF-8.</summary>
    public void ToJsonLines(Stream stream) => ObservationJsonWriter.Write(this, stream);

    private string Help(string name) => ExtraColumns.Count == 0
        ? "give a table that has it"
        : $"the columns not yet used are {string.Join(", ", ExtraColumns)}; name one with --columns {(name == "params_total" ? "params" : name)}=...";
}
