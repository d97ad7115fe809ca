using System.Globalization;
using ScalingLab.Laws.Reports;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary>The next runs as tables for people, and as parts of a sweep's config.</summary>
internal static class NextText
{
    public static void Print(NextDocument document)
    {
        var console = Terminal.Out;
        string level = Text($"{document.Level * 100:0.##} % interval");
        System.Console.Out.WriteLine(Text($"Next runs for {document.Quantity}    {document.Observations} observations that cost {Number(document.PresentFlops)} FLOPs; budget {Number(document.BudgetFlops)}"));
        System.Console.Out.WriteLine(Text($"{document.Quantity} now {Number(document.Value)}, {level} {Ends(document.IntervalNow)}; expected after these runs {Ends(document.IntervalAfter)}"));
        if (document.Runs.Count > 0)
        {
            bool shaped = document.Runs.All(r => r.Layers is not null), trunks = document.Candidates.PointsPerRun > 1;
            var runs = NumberTables.Table([shaped ? "model" : "run", "N", "D", "D/N", "FLOPs", .. trunks ? ["observe at D"] : Array.Empty<string>()]);
            for (int i = 0; i < document.Runs.Count; i++)
            {
                var run = document.Runs[i];
                runs.AddRow([shaped ? $"{run.Layers} layers, width {run.Width}, {run.Heads} heads" : Text($"{i + 1}"), Number(run.Params) + (run.WithinData ? "" : " *"), Number(run.Tokens), Number(run.Tokens / run.Params),
                    Number(run.Flops), .. trunks ? [string.Join(", ", run.ObserveAtTokens.Select(Number))] : Array.Empty<string>()]);
            }
            console.Write(runs);
            if (document.Runs.Any(r => !r.WithinData))
                System.Console.Out.WriteLine("* outside the N or D tried so far");
        }

        var ways = NumberTables.Table("spent on", "runs", "FLOPs", document.Logarithmic ? $"s.e. of ln {document.Quantity}" : $"s.e. of {document.Quantity}", "over now");
        ways.AddRow("nothing", "0", "0", Number(document.StandardErrorNow), "1");
        foreach (var choice in document.Frontier)
            ways.AddRow(choice.Flops == document.Chosen.Flops ? "the best choice, above" : "the best choice for less", Text($"{choice.Runs}"), Number(choice.Flops), Number(choice.StandardError), Number(choice.Shrinkage));
        ways.AddRow("the present runs again, in proportion", Text($"{document.Repeated.Runs}"), Number(document.Repeated.Flops), Number(document.Repeated.StandardError), Number(document.Repeated.Shrinkage));
        if (document.Uniform is { } grid)
            ways.AddRow("an even grid", Text($"{grid.Runs}"), Number(grid.Flops), Number(grid.StandardError), Number(grid.Shrinkage));
        console.Write(ways);
        PrintConfig(document);
        System.Console.Out.WriteLine(Text($"noise {Number(document.NoiseSd)} an observation, correlation {document.NoiseShared:0.00} within a cluster; {document.Candidates.Candidates} candidates; {document.Seconds:0.00} s"));
        foreach (string warning in document.Warnings)
            System.Console.Out.WriteLine($"warning: {warning}");
    }

    // One sweep section a run: shapes and tokens of one section multiply.
    private static void PrintConfig(NextDocument document)
    {
        if (document.Runs.Count == 0 || !document.Runs.All(r => r.Layers is not null))
            return;
        System.Console.Out.WriteLine("as sweeps, each with the present config's other sections:");
        foreach (var run in document.Runs)
        {
            System.Console.Out.WriteLine(Text($"  sweep: {{ shapes: [{{ layers: {run.Layers}, width: {run.Width}, heads: {run.Heads} }}], tokens: [{string.Join(", ", run.ObserveAtTokens.Select(d => Text($"{Math.Round(d):0}")))}] }}"));
        }
    }

    private static string Ends(double[] ends) => $"{Number(ends[0])} .. {Number(ends[1])}";

    private static string Number(double value) => NumberTables.Number(value);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
