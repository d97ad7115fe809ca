using System.Globalization;
using ScalingLab.Laws.Reports;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary>Profile likelihoods, and what a law says at points that were asked for, as tables for people.</summary>
internal static class IntervalText
{
    /// <summary>Ends of a profile's interval; an open one is said to be.</summary>
    public static string Profile(LikelihoodProfileDocument? profile) =>
        profile is null ? "-" : $"{End(profile.Interval[0], profile.Points.Count == 0)} .. {End(profile.Interval[1], profile.Points.Count == 0)}";

    /// <summary>One table: the law at each point, the interval of its mean loss, and that of one new run.</summary>
    public static void PrintAt(IAnsiConsole console, FitDocument document)
    {
        if (document.At is not { Count: > 0 } at)
            return;
        string level = Text($"{document.Level * 100:0.##} %");
        bool profiled = document.Profile is not null;
        var table = NumberTables.Table(["asked for", "FLOPs", "N", "D", "D/N", "mean loss", $"{level} of the mean", $"{level} of a new run", "outside the data", .. profiled ? [$"{level} of the mean by profile"] : Array.Empty<string>()]);
        foreach (var a in at)
        {
            table.AddRow([a.Optimal ? "optimum" : "run", Optional(a.Flops), Optional(a.Params), Optional(a.Tokens), Optional(a.TokensPerParam), NumberTables.Number(a.Loss), Interval(a.LossInterval), Interval(a.PredictionInterval),
                a.FarthestOutside > Budgets.Rounding ? Text($"x {a.FarthestOutside:0.#}") : "-", .. profiled ? [Profile(a.Profile?.GetValueOrDefault("loss"))] : Array.Empty<string>()]);
        }
        console.Write(table);
        foreach (var a in at.Where(a => a.Optimal))
        {
            System.Console.Out.WriteLine($"optimum of {Optional(a.Flops)} FLOPs, {level}: N {Interval(a.ParamsInterval)}, D {Interval(a.TokensInterval)}, D/N {Interval(a.TokensPerParamInterval)}"
                + (a.Profile is { } p ? $"; by profile: N {Profile(p["params"])}, D {Profile(p["tokens"])}, D/N {Profile(p["tokensPerParam"])}" : ""));
        }
    }

    private static string End(double? end, bool none) => end is { } e ? NumberTables.Number(e) : none ? "?" : "open";

    private static string Interval(double[]? ends) => ends is null ? "-" : $"{NumberTables.Number(ends[0])} .. {NumberTables.Number(ends[1])}";

    private static string Optional(double? value) => value is { } v ? NumberTables.Number(v) : "-";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
