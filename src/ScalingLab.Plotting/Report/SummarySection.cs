using System.Globalization;
using ScalingLab.Plotting.Figures;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Report;

/// <summary>The head of the report: one paragraph that can be quoted, and the four numbers that it stands on.</summary>
internal static class SummarySection
{
    public static void Write(Html html, ReportContent content)
    {
        html.Raw($"<h1>{Html.Text(content.Title)}</h1>");
        html.Raw($"<p class=\"source\">{Html.Text(content.Source)} · {Counts(content)}</p>");
        html.Raw($"<p class=\"lead\">{Lead(content)}</p>");
        if (content.Fit is FitFacts fit)
            WriteFacts(html, content, fit);
    }

    /// <summary>The optimum at the largest observed budget or, without one, in the middle of the table.</summary>
    private static OptimumPoint? Quoted(ReportContent content)
    {
        double most = content.ObservedFlops?.High * (1 + 1e-9) ?? double.PositiveInfinity;
        return content.Optima.Where(o => o.Flops <= most).MaxBy(o => o.Flops) ?? content.Optima.MinBy(o => o.Flops);
    }

    private static string Lead(ReportContent content)
    {
        if (content.Fit is not FitFacts fit)
            return "No law was fitted to these observations; the reason is given below. What was measured is shown as it is.";
        var lead = new List<string>();
        if (fit.ExponentN is double a && fit.ExponentD is double b)
        {
            lead.Add($"On these {Quantity.Of(fit.Observations, "observation")}, compute-optimal parameters grow as {Power("N", a)}{Bracket(fit.ExponentNInterval, fit)} and training tokens as {Power("D", b)}{Bracket(fit.ExponentDInterval, fit)}.");
        }
        else
        {
            lead.Add($"The {Html.Text(fit.Law)} law was fitted to {Quantity.Of(fit.Observations, "observation")}.");
        }

        if (Quoted(content) is OptimumPoint best)
        {
            string loss = best.Loss is null ? "" : $", with a predicted loss of {Quantity.Loss(best.Loss)} nats per token";
            lead.Add($"At {Quantity.Scientific(best.Flops).ToHtml()} FLOPs the best split is {Quantity.Count(best.Parameters).ToHtml()} parameters on {Quantity.Count(best.Tokens).ToHtml()} tokens ({Ratio(best)} tokens per parameter){loss}.");
        }

        if (Cost(content) is string cost)
            lead.Add(cost);
        if (!fit.Converged)
            lead.Add("<span class=\"bad\">The solver did not converge: these numbers are its last, not a fit.</span>");
        return string.Join(' ', lead);
    }

    /// <summary>What the runs took; null where the source does not say.</summary>
    private static string? Cost(ReportContent content)
    {
        RunRow[] trained = [.. content.Runs.Where(r => r.WallSeconds > 0 && r.Flops > 0)];
        if (trained.Length == 0)
            return null;
        double seconds = trained.Sum(r => r.WallSeconds!.Value);
        string time = seconds < 600 ? $"{Quantity.Significant(seconds, 3)} seconds" : seconds < 36_000 ? $"{Quantity.Significant(seconds / 60, 3)} minutes" : $"{Quantity.Significant(seconds / 3600, 3)} hours";
        return $"Training cost {Quantity.Scientific(trained.Sum(r => r.Flops)).ToHtml()} FLOPs and {time} of workers' time in all.";
    }

    private static string Power(string symbol, double exponent) =>
        (RichText.Markup($"*{symbol}*") + RichText.Plain("* ∝ ") + RichText.Markup($"*C*^{{{Quantity.Significant(exponent, 3)}}}")).ToHtml();

    private static string Bracket((double Low, double High)? interval, FitFacts fit) => interval is (double low, double high)
        ? $" ({fit.IntervalPercent.ToString("0.##", CultureInfo.InvariantCulture)} % interval {Quantity.Significant(low, 3)} to {Quantity.Significant(high, 3)})"
        : "";

    private static string Ratio(OptimumPoint point) => Quantity.Number(point.Tokens / point.Parameters, 3).ToHtml();

    private static string Counts(ReportContent content)
    {
        int unused = content.Runs.Count(r => !r.InFit);
        string counts = Quantity.Of(content.Runs.Count, content.Runs.All(r => r.State == RowState.Observed) ? "observation" : "run");
        return unused == 0 ? counts : $"{counts}, {unused.ToString("N0", CultureInfo.InvariantCulture)} not in the fit";
    }

    private static void WriteFacts(Html html, ReportContent content, FitFacts fit)
    {
        html.Raw("<dl class=\"facts\">");
        Fact(html, "Exponent of parameters, <i>a</i>", fit.ExponentN, fit.ExponentNInterval, fit);
        Fact(html, "Exponent of tokens, <i>b</i>", fit.ExponentD, fit.ExponentDInterval, fit);
        if (fit.Parameters.FirstOrDefault(p => p.Name == "E") is ParameterFact floor)
            Fact(html, "Irreducible loss <i>E</i>", floor.Value, floor.Interval, fit, " nats");
        if (Quoted(content) is OptimumPoint best)
            html.Raw($"<div><dt>Tokens per parameter</dt><dd>{Ratio(best)}<small>at {Quantity.Scientific(best.Flops).ToHtml()} FLOPs</small></dd></div>");
        html.Raw("</dl>");
    }

    private static void Fact(Html html, string name, double? value, (double Low, double High)? interval, FitFacts fit, string unit = "")
    {
        if (value is null)
            return;
        string spread = interval is (double low, double high) ? $"{fit.IntervalPercent.ToString("0.##", CultureInfo.InvariantCulture)} %: {Quantity.Significant(low, 3)} to {Quantity.Significant(high, 3)}{unit}" : "no interval computed";
        html.Raw($"<div><dt>{name}</dt><dd>{Quantity.Number(value, 3).ToHtml()}<small>{spread}</small></dd></div>");
    }
}
