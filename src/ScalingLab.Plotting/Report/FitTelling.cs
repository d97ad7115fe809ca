using System.Globalization;
using System.Text.RegularExpressions;
using ScalingLab.Laws.Reports;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Report;

/// <summary>A fit document in the words of a report. Times are left out: the same data give the same page.</summary>
internal static partial class FitTelling
{
    private static readonly string[] OfOptimum = ["budget", "optim"];

    public static FitFacts Facts(FitDocument fit, int leftOut) => new()
    {
        Law = fit.Law,
        Formula = "*L*(*N*, *D*) = *E* + *A*/*N*^{α} + *B*/*D*^{β}",
        Approach = fit.Approach,
        Objective = fit.Objective.Name + (fit.Objective.Delta is double delta ? $" with δ = {Quantity.Exact(delta)}" : "") + (fit.Objective.Reduction == "mean" ? ", mean" : ", summed"),
        ObjectiveValue = fit.Objective.Value,
        Observations = fit.Observations,
        LeftOut = leftOut,
        ParameterConvention = fit.Count switch
        {
            "non-embedding" => "parameters outside the embeddings and the head",
            "with-head" => "parameters outside the embeddings, the head included",
            _ => "all parameters, embeddings included",
        },
        Parameters = [.. Ordered(fit.Parameters.Keys).Select(name => new ParameterFact(
            name, fit.Parameters[name], fit.StandardErrors.TryGetValue(name, out double error) ? error : null, Pair(fit.Intervals.GetValueOrDefault(name))))],
        ExponentN = fit.Optimum.ExponentN,
        ExponentNInterval = Pair(fit.Optimum.ExponentNInterval),
        ExponentD = fit.Optimum.ExponentD,
        ExponentDInterval = Pair(fit.Optimum.ExponentDInterval),
        IntervalPercent = Math.Round(100 * fit.Level, 6),
        Resampling = fit.Bootstrap.Kind == "none" ? null : $"{fit.Bootstrap.Kind} bootstrap, {Quantity.Of(fit.Bootstrap.Resamples, "resample")}, seed {fit.Bootstrap.Seed.ToString(CultureInfo.InvariantCulture)}",
        Converged = fit.Solver.Reason is "smallGradient" or "smallStep" or "atBound" or "closedForm",
        Solver = Solver(fit),
    };

    public static IReadOnlyList<OptimumPoint> Optima(FitDocument fit) =>
        [.. fit.Optima.Select(o => new OptimumPoint(o.Flops, o.Params, o.Tokens, o.Loss, Pair(o.ParamsInterval), Pair(o.TokensInterval), Pair(o.LossInterval)))];

    /// <summary>Each warning in the section whose numbers it concerns.</summary>
    public static IEnumerable<ReportWarning> Warnings(FitDocument fit) => fit.Warnings.Select(w =>
        new ReportWarning(OfOptimum.Any(w.Contains) && !w.Contains("solver", StringComparison.Ordinal) ? ReportSection.ComputeOptimal : ReportSection.Fit, Sentence(w)));

    /// <summary>The fitted loss.</summary>
    public static Func<double, double, double> Law(FitDocument fit)
    {
        (double e, double a, double b, double alpha, double beta) = (fit.Parameters["E"], fit.Parameters["A"], fit.Parameters["B"], fit.Parameters["alpha"], fit.Parameters["beta"]);
        return (n, d) => e + a / Math.Pow(n, alpha) + b / Math.Pow(d, beta);
    }

    /// <summary>A message of a command line as a sentence of a page.</summary>
    public static string Sentence(string message) =>
        message.Length == 0 ? "" : (Symbol().IsMatch(message) ? message[..1] : message[..1].ToUpperInvariant()) + Exponent().Replace(message[1..], Power).TrimEnd('.') + ".";

    private static string Power(Match number) =>
        double.TryParse(number.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? Quantity.Scientific(value).ToString() : number.Value;

    private static IEnumerable<string> Ordered(IEnumerable<string> names)
    {
        string[] order = ["E", "A", "B", "alpha", "beta"];
        return names.OrderBy(n => Array.IndexOf(order, n) is int i && i >= 0 ? i : order.Length).ThenBy(n => n, StringComparer.Ordinal);
    }

    private static List<(string, string)> Solver(FitDocument fit)
    {
        var facts = new List<(string, string)>
        {
            ("Stopped because", Words().Replace(fit.Solver.Reason, m => " " + m.Value.ToLowerInvariant())),
            ("Starts that agree", $"{fit.Solver.StartsAgreeing.ToString(CultureInfo.InvariantCulture)} of {fit.Solver.Starts.ToString(CultureInfo.InvariantCulture)}"),
            ("Other minima", fit.Solver.Basins.Count == 0 ? "none found" : string.Join("; ", fit.Solver.Basins.Take(3).Select(b => $"objective {Quantity.Number(b.Objective, 6)} from {Quantity.Of(b.Starts, "start")}"))),
        };
        if (fit.Solver.GradientNorm is double gradient)
            facts.Add(("Largest relative gradient", gradient < 1e-9 ? "below 10⁻⁹" : Quantity.Significant(gradient, 2)));
        facts.Add(("Condition number", fit.Solver.Condition is double condition ? Quantity.Number(condition, 3).ToString() : "infinite"));
        if (fit.Bootstrap.Failed > 0)
            facts.Add(("Resamples without a fit", fit.Bootstrap.Failed.ToString(CultureInfo.InvariantCulture)));
        return facts;
    }

    private static (double, double)? Pair(double[]? interval) => interval is [double low, double high] ? (low, high) : null;

    [GeneratedRegex("\\b[0-9](\\.[0-9]+)?e\\+?[0-9]+\\b")]
    private static partial Regex Exponent();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Words();

    [GeneratedRegex("^(alpha|beta|params|tokens|flops|loss)\\b")]
    private static partial Regex Symbol();
}
