using System.Text;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;
using ScalingLab.Laws.IsoFlop;
using ScalingLab.Laws.Reports;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Report;

/// <summary>A report before it is written.</summary>
/// <param name="Content">What it says.</param>
/// <param name="Fit">The fit behind it; null when there is none.</param>
/// <param name="IsoFlop">The isoFLOP profiles beside it; null when the observations give none.</param>
public sealed record BuiltReport(ReportContent Content, FitDocument? Fit, IsoFlopFit? IsoFlop)
{
    /// <summary>The page.</summary>
    public string ToHtml() => HtmlReport.Write(Content);

    /// <summary>Writes the page; a reader sees the old one or the whole new one.</summary>
    /// <exception cref="UserErrorException">The folder cannot be written.</exception>
    public void Write(string path)
    {
        MakeFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(ToHtml()));
    }

    /// <summary>Writes every figure as .svg with its data as .tsv beside it.</summary>
    /// <returns>Paths of the .svg files.</returns>
    /// <exception cref="UserErrorException">The folder cannot be written.</exception>
    public IReadOnlyList<string> WriteFigures(string folder)
    {
        MakeFolder(folder);
        var written = new List<string>();
        foreach (Figure figure in Content.Figures.Select(f => f.Figure))
        {
            string svg = Path.Combine(folder, figure.Name + ".svg");
            AtomicFile.Write(svg, Encoding.UTF8.GetBytes(figure.ToSvg()));
            AtomicFile.Write(Path.ChangeExtension(svg, ".tsv"), Encoding.UTF8.GetBytes(figure.ToTsv()));
            written.Add(svg);
        }

        return written;
    }

    private static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) // a file in the way, a read-only place, a full disk
        {
            throw DiskErrors.Translate(e, folder)
                ?? new UserErrorException(ExitCode.Disk, new Diagnostic("SL0704", $"cannot make the folder '{folder}'", null, "name a place that can be written"), e);
        }
    }
}
