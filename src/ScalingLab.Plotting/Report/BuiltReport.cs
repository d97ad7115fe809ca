using System.Text;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Reports;
using ScalingLab.Plotting.Files;

namespace ScalingLab.Plotting.Report;

/// <summary>A report before it is written.</summary>
/// <param name="Content">What it says.</param>
/// <param name="Fit">The fit behind it; null when there is none.</param>
/// <param name="IsoFlop">The isoFLOP profiles beside it; null when the observations give none.</param>
public sealed record BuiltReport(ReportContent Content, FitDocument? Fit, IsoFlopFit? IsoFlop)
{
    /// <summary>The page; with <paramref name="plotly"/>, its plots can be explored.</summary>
    public string ToHtml(PlotlyBundle? plotly = null) => HtmlReport.Write(Content, plotly);

    /// <summary>Writes the page; a reader sees the old one or the whole new one.</summary>
    /// <exception cref="UserErrorException">The folder cannot be written.</exception>
    public void Write(string path, PlotlyBundle? plotly = null)
    {
        FigureFiles.MakeFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(ToHtml(plotly)));
    }

    /// <summary>Writes every figure with its data and a gnuplot script.</summary>
    /// <returns>Paths of the .svg files.</returns>
    /// <exception cref="UserErrorException">The folder cannot be written.</exception>
    public IReadOnlyList<string> WriteFigures(string folder) => FigureFiles.Write(Content.Figures.Select(f => f.Figure), folder);
}
