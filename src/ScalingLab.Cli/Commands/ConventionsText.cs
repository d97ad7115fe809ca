using System.Globalization;
using ScalingLab.Laws.Reports;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary>The fit under each convention as one table for people.</summary>
internal static class ConventionsText
{
    public static void Print(IAnsiConsole console, IReadOnlyList<ConventionDocument> conventions, string level)
    {
        string[] names = [.. conventions[0].Approaches.Select(a => a.Approach switch { "parametric" => "parametric a", "isoflop" => "isoFLOP a", _ => "envelope a" })];
        var table = NumberTables.Table(["N ~ C^a by convention: N counts", "C", "C/D ~ N^s", .. names.SelectMany(n => new[] { n, level })]);
        foreach (var c in conventions)
            table.AddRow([c.Count, Compute(c), Text($"{c.CostExponent:0.000}"), .. c.Approaches.SelectMany(Cells)]);
        console.Write(table);
        foreach (var refused in conventions.SelectMany(c => c.Approaches).Where(a => a.Refusal is not null).GroupBy(a => $"{a.Approach}: {a.Refusal}"))
            System.Console.Out.WriteLine($"{refused.Key}" + (refused.Count() < conventions.Count ? $" ({refused.Count()} of {conventions.Count} conventions)" : ""));
    }

    private static string[] Cells(ApproachDocument a) => [a.ExponentN is { } n ? NumberTables.Number(n) : "-", a.ExponentNInterval is [double low, double high] ? $"{NumberTables.Number(low)} .. {NumberTables.Number(high)}" : "-"];

    private static string Compute(ConventionDocument c) => c.Compute switch
    {
        "6nd" => "6ND of that N",
        "kaplan" => "6ND, N without embeddings",
        _ => "the source's FLOPs",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
