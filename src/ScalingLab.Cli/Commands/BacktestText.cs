using System.Globalization;
using ScalingLab.Laws.Reports;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary>A backtest as tables for people.</summary>
internal static class BacktestText
{
    public static void Print(BacktestDocument document)
    {
        var console = Terminal.Out;
        System.Console.Out.WriteLine($"Backtest: fitted below a cost, predicted above it    {document.Observations} observations, N counts {document.Count} parameters");
        if (document.Laws.Count > 1)
        {
            var laws = NumberTables.Table("law", "parameters", "AICc above best", "held-out |error|, median", "90th percentile", "mean error");
            foreach (var law in document.Laws)
                laws.AddRow([law.Law, Text($"{law.FreeParameters}"), law.AiccDifference is { } a ? Text($"{a:0.0}") : "-", .. Errors(law.HeldOut)]);
            console.Write(laws);
        }
        foreach (var law in document.Laws)
        {
            var cuts = NumberTables.Table($"{law.Law}, fitted below", "fitted", "predicted", "up to", "|error| fitted", "|error| predicted", "90th percentile", "mean error");
            foreach (var cut in law.Cuts)
            {
                cuts.AddRow([NumberTables.Number(cut.Flops) + " FLOPs", Text($"{cut.Fitted}"), Text($"{cut.Held}"), cut.FarthestExtrapolation is { } far ? Text($"x {far:0.#}") : "-",
                    Percent(cut.MedianAbsoluteWithin), .. Errors(cut.Errors)]);
            }
            console.Write(cuts);
            var factors = NumberTables.Table($"{law.Law}, cost over largest fitted", "predictions", "|error|, median", "90th percentile", "mean error");
            foreach (var bin in law.ByExtrapolation)
                factors.AddRow([Text($"{bin.From:0.#} to {bin.To:0.#}"), Text($"{bin.Errors.Predictions}"), .. Errors(bin.Errors)]);
            console.Write(factors);
        }
        System.Console.Out.WriteLine(Text($"objective {document.Objective}{((document.Delta ?? document.Asymmetry) is { } d ? Text($" {d}") : "")}; errors are predicted over observed loss, less 1; medians of absolute values; {document.Seconds:0.00} s"));
        foreach (string warning in document.Warnings)
            System.Console.Out.WriteLine($"warning: {warning}");
    }

    private static string[] Errors(ErrorsDocument? errors) => errors is null ? ["-", "-", "-"] : [Percent(errors.MedianAbsolute), Percent(errors.NinetiethAbsolute), Text($"{errors.Mean * 100:+0.000;-0.000} %")];

    private static string Percent(double? share) => share is { } s ? Text($"{s * 100:0.000} %") : "-";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
