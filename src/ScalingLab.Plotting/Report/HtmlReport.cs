using System.Globalization;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Report;

/// <summary>One HTML file that needs nothing else: no network, figures inline, and readable without its script. Equal content gives equal bytes.</summary>
/// <remarks>The page is also well-formed XML, so that other programs can take its tables out.</remarks>
public static class HtmlReport
{
    /// <summary>The whole page.</summary>
    /// <param name="content">What it says.</param>
    /// <param name="plotly">What draws interactive plots; null for drawings only.</param>
    public static string Write(ReportContent content, PlotlyBundle? plotly = null)
    {
        var html = new Html();
        html.Raw("<!DOCTYPE html>").Raw("<html lang=\"en\">").Raw("<head>").Raw("<meta charset=\"utf-8\"/>");
        html.Raw($"<meta http-equiv=\"Content-Security-Policy\" content=\"{ReportScript.ContentPolicy(plotly)}\"/>");
        html.Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>").Raw("<meta name=\"referrer\" content=\"no-referrer\"/>");
        html.Raw($"<title>{Html.Text(content.Title)}</title>").Raw("<style>").Raw(ReportStyle.Css).Raw("</style>").Raw("</head>").Raw("<body>").Raw("<main>");
        int figure = 0;
        SummarySection.Write(html, content);
        WriteWarnings(html, content, ReportSection.Summary);
        WriteFigures(html, content, ReportSection.Summary, plotly, ref figure);

        html.Raw("<h2>Compute-optimal training</h2>");
        WriteWarnings(html, content, ReportSection.ComputeOptimal);
        ApproachesTable.Write(html, content);
        OptimaTable.Write(html, content);
        WriteFigures(html, content, ReportSection.ComputeOptimal, plotly, ref figure);

        html.Raw("<h2>The fitted law</h2>");
        WriteWarnings(html, content, ReportSection.Fit);
        if (content.Fit is FitFacts fit)
            FitSection.Write(html, fit);
        else
            html.Raw("<p>There is no fitted law.</p>");
        WriteFigures(html, content, ReportSection.Fit, plotly, ref figure);

        html.Raw("<h2>Runs</h2>");
        WriteWarnings(html, content, ReportSection.Runs);
        WriteFigures(html, content, ReportSection.Runs, plotly, ref figure);
        html.Raw("<div id=\"runs\">");
        RunsTable.Write(html, content.Runs);
        html.Raw("</div>");

        WriteProvenance(html, content, plotly);
        ReportScript.Write(html, plotly);
        return html.Raw("</main>").Raw("</body>").Raw("</html>").ToString();
    }

    private static void WriteWarnings(Html html, ReportContent content, ReportSection section)
    {
        foreach (ReportWarning warning in content.Warnings.Where(w => w.Section == section))
            html.Raw($"<p class=\"warning\" role=\"note\"><b>Note.</b> {Html.Text(warning.Text)}</p>");
    }

    private static void WriteFigures(Html html, ReportContent content, ReportSection section, PlotlyBundle? plotly, ref int number)
    {
        foreach ((_, Figure figure) in content.Figures.Where(f => f.Section == section))
        {
            number++;
            html.Raw($"<figure id=\"{figure.Name}\">").Raw("<div class=\"wide\">").Raw(figure.ToSvg().TrimEnd()).Raw("</div>");
            html.Raw($"<figcaption><b>Figure {number.ToString(CultureInfo.InvariantCulture)}.</b> {Html.Text(figure.Caption)}</figcaption>");
            if (plotly is not null && figure.Interactive() is { } plot)
                html.Raw($"<script type=\"application/json\">{plot.ToJson()}</script>");
            html.Raw("</figure>");
        }
    }

    private static void WriteProvenance(Html html, ReportContent content, PlotlyBundle? plotly)
    {
        html.Raw("<h2>Provenance</h2>");
        html.Raw(plotly is null
            ? "<p>The figures of this page are drawings: the program was set up without plotly.js, which npm fetches where it is installed.</p>"
            : $"<p>Interactive plots: plotly.js {Html.Text(plotly.Version)} (MIT licence), part of this file. Nothing is loaded from anywhere, and nothing is sent.</p>");
        if (content.Provenance.Count == 0)
            html.Raw("<p>The source does not say how its numbers were made.</p>");
        else
            html.Table("What these numbers can be traced to.", [("What", true), ("Value", true)], content.Provenance.Select(p => ("", new[] { Html.Text(p.Name), $"<span class=\"wrap\">{Html.Text(p.Value)}</span>" })));
    }
}
