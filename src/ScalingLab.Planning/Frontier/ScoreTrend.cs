using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Tables;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Planning.Frontier;

/// <summary>One model as a user rated it.</summary>
/// <param name="Year">Date, in years.</param>
/// <param name="Mean">Mean of its scores.</param>
/// <param name="Least">Least of its scores: what its weakest side reaches.</param>
public sealed record RatedModel(double Year, double Mean, double Least)
{
    private static readonly string[] DateNames = ["date", "publication_date", "Publication date", "year"], NameNames = ["model", "name", "Model"];

    /// <summary>Reads a CSV with a date, perhaps a name, and a column for every score; empty cells are left out.</summary>
    /// <exception cref="UserErrorException">No date, no score, or a cell that is neither.</exception>
    public static IReadOnlyList<RatedModel> Read(string path)
    {
        CsvText csv = CsvText.Read(path);
        int date = Array.FindIndex(csv.Header, h => DateNames.Contains(h, StringComparer.OrdinalIgnoreCase));
        if (date < 0)
            throw CsvText.Corrupt([new Diagnostic("SL0402", "no column 'date'", new SourceLocation(path, 1, 0), "it needs a date, a name and one column for each score")]);
        int[] scores = [.. Enumerable.Range(0, csv.Header.Length).Where(i => i != date && !NameNames.Contains(csv.Header[i], StringComparer.OrdinalIgnoreCase))];
        var problems = new List<Diagnostic>();
        var rows = new List<RatedModel>();
        foreach (CsvRow row in csv.Rows)
        {
            var values = new List<double>();
            foreach (int i in scores.Where(i => row.Fields[i].Length > 0))
            {
                if (double.TryParse(row.Fields[i], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value))
                    values.Add(value);
                else
                    problems.Add(new Diagnostic("SL0405", $"{csv.Header[i]} is '{row.Fields[i]}', not a score", new SourceLocation(path, row.Line, 0)));
            }
            if (Dates.Year(row.Fields[date]) is not { } year)
                problems.Add(new Diagnostic("SL0405", $"{csv.Header[date]} is '{row.Fields[date]}', not a date", new SourceLocation(path, row.Line, 0), "write it as 2024-05-13, 2024-05 or 2024"));
            else if (values.Count > 0)
                rows.Add(new RatedModel(year, values.Average(), values.Min()));
        }
        return problems.Count > 0 ? throw CsvText.Corrupt(problems) : rows;
    }
}

/// <summary>A straight line through ratings, and when it passes a threshold if it goes on. An extrapolation of opinions, not a forecast.</summary>
/// <param name="Of"><c>mean</c> or <c>least</c> of the scores.</param>
/// <param name="PerYear">Points a year.</param>
/// <param name="PerYearLow">Lower end of its interval.</param>
/// <param name="PerYearHigh">Upper end.</param>
/// <param name="N">Rated models.</param>
/// <param name="Low">Year at the lower end; null when that share of resamples never gets there.</param>
/// <param name="Middle">Median year.</param>
/// <param name="High">Year at the upper end.</param>
/// <param name="Never">Share of resamples that do not reach the threshold within a century.</param>
public sealed record ScoreTrend(string Of, double PerYear, double PerYearLow, double PerYearHigh, int N, double? Low, double? Middle, double? High, double Never)
{
    /// <summary>The lines of mean and least; empty when too few models are rated.</summary>
    /// <param name="models">Ratings.</param>
    /// <param name="threshold">Score to reach.</param>
    /// <param name="resamples">Case resamples.</param>
    /// <param name="seed">Their seed.</param>
    /// <param name="level">Of intervals.</param>
    public static IReadOnlyList<ScoreTrend> Through(IReadOnlyList<RatedModel> models, double threshold, int resamples, long seed, double level)
    {
        double[] years = [.. models.Select(m => m.Year)];
        return [.. new[] { One("mean", m => m.Mean), One("least", m => m.Least) }.OfType<ScoreTrend>()];

        ScoreTrend? One(string name, Func<RatedModel, double> score)
        {
            // The trend's logarithms are taken as the scores themselves: a straight line in points.
            if (GrowthTrend.Through(years, [.. models.Select(score)], resamples, seed) is not { } line || Interval.Percentile(line.Resamples.Select(r => r.Slope), level) is not { } slope)
                return null;
            var date = Crossover.Of(line, new Threshold(name, name, Math.Exp(threshold), Math.Exp(threshold), Math.Exp(threshold), ""), level, seed);
            return new(name, line.Slope, slope.Low, slope.High, line.Count, date.Low, date.Middle, date.High, date.Never);
        }
    }
}
