using System.Globalization;
using ScalingLab.Laws.Reports;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary>The approaches of a fit side by side, as a table for people.</summary>
internal static class ApproachesText
{
    /// <summary>Growth of the optimum by each approach, the optimum at the largest budget, and the computed bias; reasons of those refused below.</summary>
    public static void Print(IAnsiConsole console, FitDocument document, string level)
    {
        IReadOnlyList<ApproachDocument> rows = document.Approaches ?? [Own(document)];
        bool several = rows.Count > 1;
        string[] budget = several ? [$"N at {Number(rows[0].Flops)}", "D there", "bias of a"] : [];
        var table = NumberTables.Table(["growth of the optimum, by approach", "N ~ C^a", level, "D ~ C^b", level, .. budget]);
        foreach (var row in rows.Where(r => r.Refusal is null))
        {
            string[] optimum = several ? [Optional(row.Params), Optional(row.Tokens), row.Bias is { } b ? Text($"{b.ExponentN:+0.0000;-0.0000}") : "-"] : [];
            table.AddRow([Name(row) + (row.Basis is { } basis ? $", {basis}" : ""), Optional(row.ExponentN), Interval(row.ExponentNInterval), Optional(row.ExponentD), Interval(row.ExponentDInterval), .. optimum]);
        }
        console.Write(table);
        foreach (var row in rows.Where(r => r.Refusal is not null))
            System.Console.Out.WriteLine($"{Name(row)}: {row.Refusal}");
        if (several && rows.Any(r => r.Bias is not null))
            System.Console.Out.WriteLine("bias of a: what the approach reads off the fitted Chinchilla law's own losses at these (N, D), less the law's exponent");
    }

    private static ApproachDocument Own(FitDocument document) => new(document.Approach, document.Curve, document.Optimum.ExponentN, document.Optimum.ExponentNInterval,
        document.Optimum.ExponentD, document.Optimum.ExponentDInterval, document.Range.Flops[1], null, null, null, null, document.Bootstrap.Resamples, null, null, null);

    private static string Name(ApproachDocument row) => row.Approach switch
    {
        "parametric" => "parametric (3)",
        "isoflop" => $"isoFLOP (2), {row.Curve}",
        _ => $"envelope (1), {row.Curve}",
    };

    private static string Interval(double[]? ends) => ends is null ? "-" : $"{Number(ends[0])} .. {Number(ends[1])}";

    private static string Optional(double? value) => value is { } v ? Number(v) : "-";

    private static string Number(double value) => NumberTables.Number(value);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
