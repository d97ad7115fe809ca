using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Tables;

namespace ScalingLab.Planning.TestTime;

/// <summary>Reads how many of the answers to each problem were correct.</summary>
public static class SampleTable
{
    private static readonly string[] SampleNames = ["samples", "n", "attempts", "total", "num_samples"], CorrectNames = ["correct", "c", "passed", "successes", "num_correct"];
    private const int MostProblems = 20;

    /// <summary>The counts, one row a problem: columns <c>samples</c> and <c>correct</c> (or n and c).</summary>
    /// <exception cref="UserErrorException">It cannot be read, lacks a column, or has counts that are none; up to twenty are named.</exception>
    public static IReadOnlyList<SampleCount> Read(string path)
    {
        CsvText csv = CsvText.Read(path);
        int samples = Column(SampleNames), correct = Column(CorrectNames);
        var problems = new List<Diagnostic>();
        var counts = new List<SampleCount>(csv.Rows.Count);
        foreach (CsvRow row in csv.Rows)
        {
            if (!int.TryParse(row.Fields[samples], NumberStyles.None, CultureInfo.InvariantCulture, out int n) || n < 1)
                Problem($"{csv.Header[samples]} is '{row.Fields[samples]}'; it must be a whole number of 1 or more");
            else if (!int.TryParse(row.Fields[correct], NumberStyles.None, CultureInfo.InvariantCulture, out int c) || c > n)
                Problem($"{csv.Header[correct]} is '{row.Fields[correct]}'; it must be a whole number from 0 to {n}");
            else
                counts.Add(new SampleCount(n, c));
            if (problems.Count >= MostProblems)
                break;

            void Problem(string message) => problems.Add(new Diagnostic("SL0405", message, new SourceLocation(path, row.Line, 0, string.Join(',', row.Fields))));
        }
        return problems.Count > 0 ? throw CsvText.Corrupt(problems) : counts;

        int Column(string[] names)
        {
            int index = Array.FindIndex(csv.Header, h => names.Contains(h, StringComparer.OrdinalIgnoreCase));
            return index >= 0 ? index : throw CsvText.Corrupt([new Diagnostic("SL0402", $"no column '{names[0]}'", new SourceLocation(path, 1, 0, string.Join(',', csv.Header)), Suggestions.DidYouMean(names[0], csv.Header) ?? "it needs samples (or n) and correct (or c), one row a problem")]);
        }
    }
}
