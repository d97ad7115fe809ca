using System.Globalization;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Report;

/// <summary>The fitted law: its formula, its parameters with errors, and what the solver says of itself.</summary>
internal static class FitSection
{
    public static void Write(Html html, FitFacts fit)
    {
        string percent = fit.IntervalPercent.ToString("0.##", CultureInfo.InvariantCulture);
        string law = fit.Formula is null ? Html.Text(fit.Law) : $"{Html.Text(fit.Law)}, {RichText.Markup(fit.Formula).ToHtml()}";
        string left = fit.LeftOut == 0 ? "" : $"; {Quantity.Of(fit.LeftOut, "row")} left out";
        string counted = fit.ParameterConvention is null ? "" : $" <i>N</i> counts {Html.Text(fit.ParameterConvention)}.";
        html.Raw($"<p>Law: {law}. Approach: {Html.Text(fit.Approach)}. Objective: {Html.Text(fit.Objective)}, over {Quantity.Of(fit.Observations, "observation")}{left}.{counted}</p>");
        if (fit.Parameters.Count > 0)
        {
            string made = fit.Resampling is null ? "No interval was computed." : $"Standard errors and {percent} % intervals: {Html.Text(fit.Resampling)}.";
            html.Table(
                $"Fitted parameters. {made}",
                [("Parameter", true), ("Value", false), ("Standard error", false), ($"{percent} % interval", false), ("Meaning", true)],
                fit.Parameters.Select(p => ("", new[]
                {
                    Symbols.Of(p.Name).ToHtml(),
                    Quantity.Number(p.Value, 5).ToHtml(),
                    Quantity.Number(p.StandardError, 3).ToHtml(),
                    Html.Interval(p.Interval, v => Quantity.Number(v, 4)),
                    Symbols.Meaning(fit.Law, p.Name),
                })));
        }

        WriteSolver(html, fit);
    }

    private static void WriteSolver(Html html, FitFacts fit)
    {
        var facts = new List<(string, string)> { ("Converged", fit.Converged ? "yes" : "<span class=\"bad\">no</span>") };
        if (fit.ObjectiveValue is not null)
            facts.Add(("Objective at the minimum", Quantity.Number(fit.ObjectiveValue, 8).ToHtml()));
        facts.AddRange(fit.Solver.Select(f => (Html.Text(f.Name), Html.Text(f.Value))));
        html.Table("What the solver says of itself.", [("Fact", true), ("Value", true)], facts.Select(f => ("", new[] { f.Item1, f.Item2 })));
    }
}
