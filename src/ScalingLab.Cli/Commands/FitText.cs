using System.Globalization;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Reports;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary>A fit as tables for people.</summary>
internal static class FitText
{
    public static void Print(FitDocument document, IsoFlopFit? beside)
    {
        var console = Terminal.Out;
        bool parametric = document.Approach == "parametric";
        System.Console.Out.WriteLine(document.Formula is { } formula
            ? $"{document.Law}  {formula}    {document.Observations} observations" + (document.Range.Params.Length > 0 ? $", N counts {document.Count} parameters" : "")
            : parametric
            ? $"Chinchilla law  L(N, D) = E + A/N^alpha + B/D^beta    {document.Observations} observations, N counts {document.Count} parameters"
            : $"Optima of isoFLOP profiles    {document.Observations} observations, N counts {document.Count} parameters");
        System.Console.Out.WriteLine(Text($"objective {document.Objective.Name}{((document.Objective.Delta ?? document.Objective.Asymmetry) is { } d ? Text($" {d}") : "")}, {(document.Objective.Reduction == "mean" ? "mean" : "summed")}: {NumberTables.Precise(document.Objective.Value)}"));
        string level = Text($"{document.Level * 100:0.##} % interval");

        bool profiled = document.Profile is not null;
        var parameters = NumberTables.Table(["parameter", "value", "s.e.", level, .. profiled ? [level + " by profile"] : Array.Empty<string>()]);
        foreach ((string name, double value) in document.Parameters)
        {
            parameters.AddRow([name, Number(value), document.StandardErrors.TryGetValue(name, out double error) ? Number(error) : "-", Interval(document.Intervals.GetValueOrDefault(name)),
                .. profiled ? [IntervalText.Profile(document.Profile!.GetValueOrDefault(name))] : Array.Empty<string>()]);
        }
        console.Write(parameters);

        if (document.Formula is not null)
        {
            IntervalText.PrintAt(console, document);
            PrintEnd(document);
            return;
        }
        var exponents = NumberTables.Table("compute-optimal growth", "N ~ C^a", level, "D ~ C^b", level);
        exponents.AddRow(parametric ? "parametric (approach 3)" : "isoFLOP (approach 2)", Optional(document.Optimum.ExponentN), Interval(document.Optimum.ExponentNInterval),
            Optional(document.Optimum.ExponentD), Interval(document.Optimum.ExponentDInterval));
        if (beside is { OptimalParameters: { } n, OptimalTokens: { } dd })
        {
            exponents.AddRow($"isoFLOP (approach 2), {beside.Accepted.Count()} of {beside.Profiles.Count} budgets", Number(n.Exponent), Interval(Ends(beside.ExponentNInterval(document.Level))),
                Number(dd.Exponent), Interval(Ends(beside.ExponentDInterval(document.Level))));
        }
        else if (beside is not null)
            exponents.AddRow("isoFLOP (approach 2)", "needs two budgets with an interior minimum", "", "", "");
        if (profiled)
        {
            exponents.AddRow("parametric, by profile likelihood", Optional(document.Optimum.ExponentN), IntervalText.Profile(document.Profile!.GetValueOrDefault("exponentN")),
                Optional(document.Optimum.ExponentD), IntervalText.Profile(document.Profile!.GetValueOrDefault("exponentD")));
        }
        console.Write(exponents);

        if (document.Bias is { } bias)
        {
            System.Console.Out.WriteLine(Text($"bias of approach 2 on this grid, computed on the fitted Chinchilla law without noise ({bias.Budgets} budgets): exponent of N {bias.ExponentN:+0.0000;-0.0000}, of D {bias.ExponentD:+0.0000;-0.0000}; N x {bias.ParamsRatio:0.###} at the largest budget, x {bias.ParamsRatioBeyond:0.###} at 100 times it"));
        }
        if (document.Profiles is { } profiles)
            PrintProfiles(console, profiles);
        if (document.Optima.Count > 0)
            PrintOptima(console, document, level);
        IntervalText.PrintAt(console, document);
        PrintEnd(document);
    }

    private static void PrintEnd(FitDocument document)
    {
        if (document.Approach == "parametric")
        {
            System.Console.Out.WriteLine(Text($"solver: {document.Solver.Reason}, {document.Solver.StartsAgreeing} of {document.Solver.Starts} starts agree, relative gradient {document.Solver.GradientNorm:0.#e0}, condition {document.Solver.Condition:0.#e0}"));
        }
        foreach (var basin in document.Law == "chinchilla" ? [] : document.Solver.Basins)
            System.Console.Out.WriteLine(Text($"other minimum: {NumberTables.Precise(basin.Objective)} at {string.Join(", ", basin.Parameters.Select(p => $"{p.Key} {Number(p.Value)}"))} ({basin.Starts} starts)"));
        System.Console.Out.WriteLine(Text($"bootstrap: {document.Bootstrap.Kind}, {document.Bootstrap.Resamples} resamples, seed {document.Bootstrap.Seed}, {document.Bootstrap.Seconds:0.00} s"));
        foreach (string warning in document.Warnings)
            System.Console.Out.WriteLine($"warning: {warning}");
    }

    private static void PrintProfiles(IAnsiConsole console, IReadOnlyList<ProfileDocument> profiles)
    {
        var table = NumberTables.Table("budget", "points", "N of least loss", "D", "loss");
        foreach (var p in profiles.Where(p => p.Refusal is null))
            table.AddRow(Number(p.Flops), Text($"{p.Points}"), Optional(p.Params), Optional(p.Tokens), Optional(p.Loss));
        console.Write(table);
    }

    private static void PrintOptima(IAnsiConsole console, FitDocument document, string level)
    {
        var table = NumberTables.Table("FLOPs", "N", level, "D", level, "D/N", "loss", level);
        foreach (var o in document.Optima)
        {
            table.AddRow(Number(o.Flops) + (o.Extrapolation > Budgets.Rounding ? " *" : ""), Number(o.Params), Interval(o.ParamsInterval), Number(o.Tokens), Interval(o.TokensInterval),
                Number(o.Tokens / o.Params), Optional(o.Loss), Interval(o.LossInterval));
        }
        console.Write(table);
        if (document.Optima.Any(o => o.Extrapolation > Budgets.Rounding))
            System.Console.Out.WriteLine("* beyond the largest budget of the data");
    }

    private static double[]? Ends(Laws.Resampling.Interval? interval) => interval is { } i ? [i.Low, i.High] : null;

    private static string Interval(double[]? ends) => ends is null ? "-" : $"{Number(ends[0])} .. {Number(ends[1])}";

    private static string Optional(double? value) => value is { } v ? Number(v) : "-";

    private static string Number(double value) => NumberTables.Number(value);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
