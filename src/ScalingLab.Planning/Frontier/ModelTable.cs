using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Tables;

namespace ScalingLab.Planning.Frontier;

/// <summary>One trained model of a table; null is what its source does not say.</summary>
/// <param name="Name">As its makers call it.</param>
/// <param name="Year">Publication, in years: 2020.5 is the middle of 2020.</param>
/// <param name="Domain">Such as Language; empty when unknown.</param>
/// <param name="Flops">Training compute, FLOPs.</param>
/// <param name="Tokens">Size of the training set, tokens or other examples.</param>
/// <param name="Hours">Wall-clock time of training.</param>
/// <param name="Chips">Accelerators.</param>
/// <param name="Watts">Power of the whole cluster.</param>
/// <param name="Usd">Cost of the final run.</param>
/// <param name="Utilization">Model FLOPs over peak, 0 to 1.</param>
/// <param name="FineTuned">Whether it starts from another model.</param>
/// <param name="Frontier">Whether its source counts it as frontier.</param>
public sealed record TrainedModel(string Name, double Year, string Domain, double? Flops, double? Tokens, double? Hours, double? Chips, double? Watts, double? Usd, double? Utilization, bool FineTuned, bool Frontier)
{
    /// <summary>Energy of training, watt-hours: power for all of its hours.</summary>
    public double? WattHours => Watts * Hours;

    /// <summary>FLOP/s that a chip achieved.</summary>
    public double? FlopsPerSecondPerChip => Flops / (Hours * 3600 * Chips);
}

/// <summary>A table of trained models: Epoch AI's notable models, whole or trimmed, or one of the same columns.</summary>
public sealed class ModelTable
{
    private const int MostProblems = 20;

    // The trimmed name first, then Epoch AI's own.
    private static readonly string[][] Columns =
    [
        ["name", "Model"], ["publication_date", "Publication date", "date"], ["domain", "Domain"],
        ["training_flop", "Training compute (FLOP)"], ["training_tokens_or_datapoints", "Training dataset size (gradients)", "Training dataset size (datapoints)"],
        ["training_time_hours", "Training time (hours)"], ["hardware_quantity", "Hardware quantity"], ["power_draw_w", "Training power draw (W)"],
        ["cost_2023usd", "Training compute cost (2023 USD)"], ["mfu", "Hardware utilization (MFU)", "Hardware utilization"], ["base_model", "Base model"], ["frontier_flag", "Frontier model"],
    ];

    private ModelTable(string source, IReadOnlyList<TrainedModel> rows, IReadOnlyList<string> missing) => (Source, Rows, Missing) = (source, rows, missing);

    /// <summary>Its file.</summary>
    public string Source { get; }

    /// <summary>Models by date; those without one are left out.</summary>
    public IReadOnlyList<TrainedModel> Rows { get; }

    /// <summary>Columns that the file lacks.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>Reads a CSV.</summary>
    /// <exception cref="UserErrorException">It cannot be read, has no dates, or cells that are no numbers; all of them are named, up to twenty.</exception>
    public static ModelTable Read(string path)
    {
        CsvText csv = CsvText.Read(path);
        int?[] index = [.. Columns.Select(names => Index(csv.Header, names))];
        if (index[1] is not { } dates)
            throw CsvText.Corrupt([new Diagnostic("SL0402", "no column 'publication_date'", new SourceLocation(path, 1, 0), Suggestions.DidYouMean("publication_date", csv.Header) ?? $"the columns are {string.Join(", ", csv.Header)}")]);
        var problems = new List<Diagnostic>();
        var rows = new List<TrainedModel>(csv.Rows.Count);
        foreach (CsvRow row in csv.Rows)
        {
            if (problems.Count >= MostProblems)
                break;
            if (row.Fields[dates].Length == 0)
                continue;
            if (Dates.Year(row.Fields[dates]) is not { } year)
            {
                problems.Add(new Diagnostic("SL0405", $"{csv.Header[dates]} is '{row.Fields[dates]}', not a date", new SourceLocation(path, row.Line, 0), "write it as 2024-05-13, 2024-05 or 2024"));
                continue;
            }
            rows.Add(new TrainedModel(Text(row, 0), year, Text(row, 2), Number(row, 3), Number(row, 4), Number(row, 5), Number(row, 6), Number(row, 7), Number(row, 8), Number(row, 9),
                Text(row, 10).Length > 0, Text(row, 11) is "1" or "True" or "true" or "TRUE" or "checked"));
        }
        if (problems.Count > 0)
            throw CsvText.Corrupt(problems);
        return new ModelTable(path, [.. rows.OrderBy(r => r.Year)], [.. Columns.Where((_, i) => index[i] is null).Select(c => c[0])]);

        string Text(CsvRow row, int column) => index[column] is { } i ? row.Fields[i] : "";

        double? Number(CsvRow row, int column)
        {
            string text = Text(row, column);
            if (text.Length == 0)
                return null;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0 && double.IsFinite(value))
                return value;
            problems.Add(new Diagnostic("SL0405", $"{csv.Header[index[column]!.Value]} is '{text}'; it must be a number above 0", new SourceLocation(path, row.Line, 0)));
            return null;
        }
    }

    private static int? Index(string[] header, string[] names)
    {
        foreach (string name in names)
        {
            int i = Array.FindIndex(header, h => string.Equals(h, name, StringComparison.OrdinalIgnoreCase));
            if (i >= 0)
                return i;
        }
        return null;
    }
}

/// <summary>Dates as years with a fraction, and back.</summary>
public static class Dates
{
    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM", "yyyy"];

    /// <summary>2024-07-02 is 2024.5; a month or a year alone is its first day. Null when it is no date.</summary>
    public static double? Year(string text) => DateOnly.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
        ? date.Year + (date.DayOfYear - 1) / (DateTime.IsLeapYear(date.Year) ? 366.0 : 365.0) : null;
}
