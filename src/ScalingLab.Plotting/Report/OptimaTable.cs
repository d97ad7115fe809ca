using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Report;

/// <summary>The best split of each budget, with intervals; extrapolated budgets are set apart.</summary>
internal static class OptimaTable
{
    public static void Write(Html html, ReportContent content)
    {
        if (content.Optima.Count == 0)
        {
            html.Raw("<p>There is no table of optima: the fit gives none.</p>");
            return;
        }

        bool banded = content.Optima.Any(o => o.ParametersInterval is not null);
        double most = content.ObservedFlops?.High ?? double.PositiveInfinity;
        string caption = "For each training budget, the parameters and tokens of least loss.";
        if (content.Optima.Any(o => Beyond(o, most)))
            caption += " Rows in italics lie beyond the largest observed budget: they are extrapolated.";
        (string, bool)[] head = banded
            ? [("Budget <i>C</i><small>FLOPs</small>", false), ("Parameters <i>N</i>*", false), ("interval", false), ("Tokens <i>D</i>*", false), ("interval", false), ("<i>D</i>*/<i>N</i>*", false), ("Loss<small>nats per token</small>", false), ("interval", false)]
            : [("Budget <i>C</i><small>FLOPs</small>", false), ("Parameters <i>N</i>*", false), ("Tokens <i>D</i>*", false), ("<i>D</i>*/<i>N</i>*", false), ("Loss<small>nats per token</small>", false)];
        html.Table(caption, head, content.Optima.OrderBy(o => o.Flops).Select(o => (Beyond(o, most) ? "beyond" : "", Cells(o, banded))));
    }

    private static bool Beyond(OptimumPoint o, double most) => o.Flops > most * (1 + 1e-9);

    private static string[] Cells(OptimumPoint o, bool banded)
    {
        string flops = Quantity.Scientific(o.Flops).ToHtml(), n = Quantity.Count(o.Parameters).ToHtml(), d = Quantity.Count(o.Tokens).ToHtml();
        string ratio = Quantity.Number(o.Tokens / o.Parameters, 3).ToHtml(), loss = Quantity.Loss(o.Loss);
        return banded
            ? [flops, n, Html.Interval(o.ParametersInterval, v => Quantity.Count(v)), d, Html.Interval(o.TokensInterval, v => Quantity.Count(v)), ratio, loss, Html.Interval(o.LossInterval, v => Svg.RichText.Plain(Quantity.Loss(v)))]
            : [flops, n, d, ratio, loss];
    }
}
