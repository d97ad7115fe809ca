using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Report;

/// <summary>The exponents of each approach side by side: where they disagree, none of them should be quoted alone.</summary>
internal static class ApproachesTable
{
    public static void Write(Html html, ReportContent content)
    {
        if (content.Approaches.Count == 0)
            return;
        (string, bool)[] head = [("Approach", true), ("<i>a</i> of <i>N</i>* ∝ <i>C</i><sup><i>a</i></sup>", false), ("interval", false), ("<i>b</i> of <i>D</i>* ∝ <i>C</i><sup><i>b</i></sup>", false), ("interval", false), ("bias of <i>a</i>", false), ("from", true)];
        string caption = "How the best size and the best number of tokens grow with the budget, by each approach.";
        if (content.Approaches.Any(a => a.Bias is not null))
            caption += " Bias: what an approach reads off the fitted law\u2019s own losses at these sizes and tokens, less the law\u2019s <i>a</i>.";
        html.Table(caption, head, content.Approaches.Select(a => ("", Cells(a))));
    }

    private static string[] Cells(ApproachFact fact) =>
    [
        Html.Text(fact.Name), Number(fact.ExponentN), Html.Interval(fact.ExponentNInterval, Exponent),
        Number(fact.ExponentD), Html.Interval(fact.ExponentDInterval, Exponent), Bias(fact.Bias), Html.Text(fact.Basis),
    ];

    private static string Bias(double? bias) => bias is double by ? (by < 0 ? "\u2212" : "+") + Quantity.Significant(Math.Abs(by), 2) : "";

    private static string Number(double? value) => value is null ? "–" : Exponent(value).ToHtml();

    private static RichText Exponent(double? value) => RichText.Plain(Quantity.Significant(value ?? double.NaN, 3));
}
