using System.Globalization;
using ScalingLab.Laws.Reports;
using Spectre.Console;

namespace ScalingLab.Cli.Commands;

/// <summary>A fit as tables for people.</summary>
internal static class FitText
{
    private const int MostBasins = 5;

    public static void Print(FitDocument document)
    {
        var console = Terminal.Out;
        bool parametric = document.Approach == "parametric";
        System.Console.Out.WriteLine(document.Formula is { } formula
            ? $"{document.Law}  {formula}    {document.Observations} observations" + (document.Range.Params.Length > 0 ? $", N counts {document.Count} parameters" : "")
            : parametric
            ? $"Chinchilla law  L(N, D) = E + A/N^alpha + B/D^beta    {document.Observations} observations, N counts {document.Count} parameters"
            : $"{(document.Approach == "isoflop" ? "Optima of isoFLOP profiles" : "Lower envelope of training curves")}, {document.Curve}    {document.Observations} observations, N counts {document.Count} parameters");
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
        ApproachesText.Print(console, document, level);

        if (document.Bias is { } bias)
        {
            System.Console.Out.WriteLine(Text($"bias of approach {(document.Envelope is null ? 2 : 1)} on this grid, computed on the fitted Chinchilla law without noise ({bias.Budgets} {(document.Envelope is null ? "budgets" : "points of the envelope")}): exponent of N {bias.ExponentN:+0.0000;-0.0000}, of D {bias.ExponentD:+0.0000;-0.0000}; N x {bias.ParamsRatio:0.###} at the largest budget, x {bias.ParamsRatioBeyond:0.###} at 100 times it"));
        }
        if (document.Profiles is { } profiles)
            PrintProfiles(console, profiles);
        if (document.Envelope is { } envelope)
            PrintEnvelope(console, envelope);
        if (document.Optima.Count > 0)
            PrintOptima(console, document, level);
        IntervalText.PrintAt(console, document);
        if (document.Conventions is { } conventions)
            ConventionsText.Print(console, conventions, level);
        PrintEnd(document);
    }

    private static void PrintEnd(FitDocument document)
    {
        if (document.Approach == "parametric")
        {
            System.Console.Out.WriteLine(Text($"solver: {document.Solver.Reason}, {document.Solver.StartsAgreeing} of {document.Solver.Starts} starts agree, relative gradient {document.Solver.GradientNorm:0.#e0}, condition {document.Solver.Condition:0.#e0}"));
        }
        foreach (var basin in document.Law == "chinchilla" ? [] : document.Solver.Basins.Take(MostBasins))
            System.Console.Out.WriteLine(Text($"other minimum: {NumberTables.Precise(basin.Objective)} at {string.Join(", ", basin.Parameters.Select(p => $"{p.Key} {Number(p.Value)}"))} ({basin.Starts} starts)"));
        if (document.Law != "chinchilla" && document.Solver.Basins.Count > MostBasins)
            System.Console.Out.WriteLine(Text($"and {document.Solver.Basins.Count - MostBasins} higher minima; see solver.basins of --json"));
        if (document.Objective.Weights is { } weights)
            System.Console.Out.WriteLine(Text($"weights: column {weights.Column}{(weights.Column == "loss_sd" ? " (inverse variance)" : "")}, {weights.Normalisation}, {weights.EffectiveObservations:0.#} effective observations"));
        if (document.Comparison is { LikelihoodRatio: { } ratio, PValue: { } chance, AiccDifference: { } aicc } c)
            System.Console.Out.WriteLine(Text($"against {c.Law} with {c.FreeParametersMore} parameter more: likelihood ratio {ratio:0.00} (p {(chance < 0.001 ? "below 0.001" : Text($"{chance:0.###}"))}), AICc {Math.Abs(aicc):0.0} {(aicc > 0 ? "better" : "worse")} than it"));
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

    private static void PrintEnvelope(IAnsiConsole console, EnvelopeDocument envelope)
    {
        var table = NumberTables.Table("best size along the envelope, N", "from FLOPs", "to", "D from", "to", "loss from", "to");
        foreach (var step in envelope.Steps)
            table.AddRow(Number(step.Params), Number(step.Flops[0]), Number(step.Flops[1]), Number(step.Tokens[0]), Number(step.Tokens[1]), Number(step.Loss[0]), Number(step.Loss[1]));
        console.Write(table);
        if (envelope.EdgeShare > 0)
            System.Console.Out.WriteLine(Text($"{envelope.EdgeShare * 100:0} % of the budgets that runs pass are left out: their best run is the smallest or the largest there"));
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

    private static string Interval(double[]? ends) => ends is null ? "-" : $"{Number(ends[0])} .. {Number(ends[1])}";

    private static string Optional(double? value) => value is { } v ? Number(v) : "-";

    private static string Number(double value) => NumberTables.Number(value);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
