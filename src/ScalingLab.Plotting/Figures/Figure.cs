using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>A figure that answers one question. Equal input gives equal bytes, on every machine and under every culture.</summary>
public abstract class Figure
{
    /// <summary>Short name in lower case with dashes: the name of its files and the prefix of its ids.</summary>
    public abstract string Name { get; }

    /// <summary>Title, in words.</summary>
    public abstract string Title { get; }

    /// <summary>What is seen, with units, in a sentence or two; also what is missing.</summary>
    public abstract string Caption { get; }

    /// <summary>The figure as a whole SVG document.</summary>
    public string ToSvg(Theme theme = Theme.Automatic) => Draw(theme) ?? Missing(theme);

    /// <summary>The data behind it: tab-separated, a header line, full precision, one row a point.</summary>
    public abstract string ToTsv();

    /// <summary>A gnuplot script that draws the figure again from its .tsv.</summary>
    public string ToGnuplot()
    {
        var script = new GnuplotScript(Name, Title, GnuplotSize.Width, GnuplotSize.Height);
        Script(script);
        return script.Finish();
    }

    /// <summary>The figure as data for an interactive plot; null when it has none.</summary>
    internal virtual InteractivePlot? Interactive() => null;

    /// <summary>The drawing; null when there is nothing to draw.</summary>
    private protected abstract string? Draw(Theme theme);

    /// <summary>Axes and plots of the script.</summary>
    private protected abstract void Script(GnuplotScript script);

    /// <summary>Size of what the script draws, pixels.</summary>
    private protected virtual (double Width, double Height) GnuplotSize => (720, 470);

    /// <summary>Title and, under it, a muted line.</summary>
    private protected void DrawTitle(SvgCanvas canvas, RichText subtitle)
    {
        canvas.Text(16, 25, RichText.Plain(Title), Paint.Ink, 15, bold: true);
        canvas.Text(16, 44, subtitle, Paint.Muted, 12);
    }

    private string Missing(Theme theme)
    {
        var canvas = new SvgCanvas(Name, 720, 96, theme);
        DrawTitle(canvas, RichText.Plain("Not drawn"));
        canvas.Text(16, 72, RichText.Plain(FontMetrics.Fit(Caption, 12, 690)), Paint.Ink, 12);
        return canvas.Finish(Title, Caption);
    }
}
