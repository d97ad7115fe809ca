using System.Text;
using ScalingLab.Core.Files;
using ScalingLab.Laws.Reports;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Report;

/// <summary>A report before it is written.</summary>
/// <param name="Content">What it says.</param>
/// <param name="Fit">The fit behind it; null when there is none.</param>
public sealed record BuiltReport(ReportContent Content, FitDocument? Fit)
{
    /// <summary>The page.</summary>
    public string ToHtml() => HtmlReport.Write(Content);

    /// <summary>Writes the page; a reader sees the old one or the whole new one.</summary>
    /// <exception cref="Core.Diagnostics.UserErrorException">The folder cannot be written.</exception>
    public void Write(string path)
    {
        MakeFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(ToHtml()));
    }

    /// <summary>Writes every figure as .svg with its data as .tsv beside it.</summary>
    /// <returns>Paths of the .svg files.</returns>
    /// <exception cref="Core.Diagnostics.UserErrorException">The folder cannot be written.</exception>
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
        catch (Exception e) when (DiskErrors.Translate(e, folder) is { } error)
        {
            throw error;
        }
    }
}
