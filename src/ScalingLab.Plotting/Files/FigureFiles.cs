using System.Text;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;
using ScalingLab.Plotting.Figures;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Files;

/// <summary>Writes figures: NAME.svg, its data NAME.tsv, NAME.gnuplot that draws it again, and pictures made from the SVG.</summary>
public static class FigureFiles
{
    /// <summary>Writes every figure.</summary>
    /// <param name="figures">Figures of different names.</param>
    /// <param name="folder">Made where it is missing; files of the same names are replaced.</param>
    /// <param name="pictures">Formats beside SVG; they need rsvg-convert.</param>
    /// <param name="theme">Colours. A picture cannot ask the screen: under <see cref="Theme.Automatic"/> it is light.</param>
    /// <returns>Paths of the .svg files, then of the pictures.</returns>
    /// <exception cref="UserErrorException">The folder cannot be written, or there is no rsvg-convert; the SVG files are then there.</exception>
    public static IReadOnlyList<string> Write(IEnumerable<Figure> figures, string folder, IReadOnlyList<PictureFormat>? pictures = null, Theme theme = Theme.Automatic)
    {
        MakeFolder(folder);
        var written = new List<string>();
        foreach (Figure figure in figures)
        {
            string svg = Path.Combine(folder, figure.Name + ".svg");
            AtomicFile.Write(svg, Encoding.UTF8.GetBytes(figure.ToSvg(theme)));
            AtomicFile.Write(Path.ChangeExtension(svg, ".tsv"), Encoding.UTF8.GetBytes(figure.ToTsv()));
            AtomicFile.Write(Path.ChangeExtension(svg, ".gnuplot"), Encoding.UTF8.GetBytes(figure.ToGnuplot()));
            written.Add(svg);
        }

        IReadOnlyList<string> drawn = pictures is { Count: > 0 } ? [.. written.SelectMany(svg => pictures.Select(format => RsvgConvert.Convert(svg, format)))] : [];
        return [.. written, .. drawn];
    }

    /// <summary>Makes a folder for output.</summary>
    /// <exception cref="UserErrorException">It cannot be made.</exception>
    public static void MakeFolder(string folder)
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
