using System.Text;

namespace ScalingLab.Plotting.Svg;

/// <summary>Where a text's anchor point lies on it.</summary>
internal enum Anchor
{
    Start,
    Middle,
    End,
}

/// <summary>How a line is drawn; dashes are a pattern as in stroke-dasharray, null for a whole line.</summary>
internal sealed record Stroke(Paint Paint, double Width = 1, string? Dashes = null, double Opacity = 1);

/// <summary>Writes one SVG document. Equal calls give equal bytes on every machine and under every culture.</summary>
/// <remarks>
/// Under <see cref="Theme.Automatic"/> light colours stand in the attributes, so that viewers without style sheets show a right figure;
/// one style element switches the dark ones in on screens that ask for them, never on paper.
/// </remarks>
internal sealed class SvgCanvas(string id, double width, double height, Theme theme = Theme.Automatic)
{
    private readonly StringBuilder body = new();
    private readonly SortedDictionary<string, Paint> fills = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Paint> strokes = new(StringComparer.Ordinal);
    private int clips;

    public double Width => width;

    public double Height => height;

    public void Line(double x1, double y1, double x2, double y2, Stroke stroke) =>
        Path([(x1, y1), (x2, y2)], stroke);

    /// <summary>Many lines as one element.</summary>
    public void Segments(IEnumerable<(double X1, double Y1, double X2, double Y2)> segments, Stroke stroke) =>
        Path([.. segments.SelectMany(s => new[] { (s.X1, s.Y1), (s.X2, s.Y2), (double.NaN, double.NaN) })], stroke);

    /// <summary>A line through points. Points that are not finite break it.</summary>
    public void Path(IReadOnlyList<(double X, double Y)> points, Stroke stroke)
    {
        string data = points.Count > 1 ? PathData(points) : "";
        if (data.Length == 0)
            return;
        body.Append($"<path d=\"{data}\"").Append(Attributes(null, 1, stroke)).Append("/>\n");
    }

    /// <summary>A filled closed shape without an outline.</summary>
    public void Area(IReadOnlyList<(double X, double Y)> points, Paint paint, double opacity)
    {
        string data = PathData(points);
        if (data.Length > 0)
            body.Append($"<path d=\"{data}Z\"").Append(Attributes(paint, opacity)).Append("/>\n");
    }

    public void Rectangle(double x, double y, double w, double h, Paint paint, double opacity = 1) =>
        body.Append($"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(w)}\" height=\"{N(h)}\"").Append(Attributes(paint, opacity)).Append("/>\n");

    /// <summary>A dot; with a tooltip, its title is shown on hover by browsers without any script.</summary>
    public void Dot(double x, double y, double radius, Paint paint, double opacity = 1, string? tooltip = null)
    {
        if (double.IsFinite(x) && double.IsFinite(y))
            Close($"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\"{Attributes(paint, opacity)}", "circle", tooltip);
    }

    /// <summary>A hollow ring: a point that a fit left out, or a minimum that was refused.</summary>
    public void Ring(double x, double y, double radius, Stroke stroke, string? tooltip = null)
    {
        if (double.IsFinite(x) && double.IsFinite(y))
            Close($"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\"{Attributes(Paint.Ground, 1, stroke)}", "circle", tooltip);
    }

    /// <summary>A diamond: a minimum.</summary>
    public void Diamond(double x, double y, double radius, Paint paint, string? tooltip = null)
    {
        if (double.IsFinite(x) && double.IsFinite(y))
            Close($"<path d=\"M{N(x)} {N(y - radius)}L{N(x + radius)} {N(y)}L{N(x)} {N(y + radius)}L{N(x - radius)} {N(y)}Z\"{Attributes(paint, 1, new Stroke(Paint.Ground))}", "path", tooltip);
    }

    /// <summary>A triangle that points beyond the axis; hollow without a fill.</summary>
    public void Triangle(double x, double y, double radius, bool up, Paint? fill, Paint outline, string? tooltip = null)
    {
        double tip = up ? -radius : radius;
        if (double.IsFinite(x) && double.IsFinite(y))
            Close($"<path d=\"M{N(x)} {N(y + tip)}L{N(x + radius)} {N(y - tip)}L{N(x - radius)} {N(y - tip)}Z\"{Attributes(fill ?? Paint.Ground, 1, new Stroke(outline, 1.2))}", "path", tooltip);
    }

    /// <summary>A diagonal cross: where a run diverged.</summary>
    public void Cross(double x, double y, double radius, Stroke stroke, string? tooltip = null)
    {
        if (double.IsFinite(x) && double.IsFinite(y))
            Close($"<path d=\"M{N(x - radius)} {N(y - radius)}L{N(x + radius)} {N(y + radius)}M{N(x - radius)} {N(y + radius)}L{N(x + radius)} {N(y - radius)}\"{Attributes(null, 1, stroke)}", "path", tooltip);
    }

    public void Text(double x, double y, RichText text, Paint paint, double size = 12, Anchor anchor = Anchor.Start, bool bold = false)
    {
        string anchorText = anchor switch { Anchor.Middle => " text-anchor=\"middle\"", Anchor.End => " text-anchor=\"end\"", _ => "" };
        string weight = bold ? " font-weight=\"bold\"" : "";
        body.Append($"<text x=\"{N(x)}\" y=\"{N(y)}\" font-size=\"{N(size)}\"{anchorText}{weight}{Attributes(paint, 1)}>{text.ToSvg(size)}</text>\n");
    }

    /// <summary>What is drawn until <see cref="EndGroup"/> is cut off at this rectangle.</summary>
    public void BeginClip(double x, double y, double w, double h)
    {
        string name = $"{id}-clip{++clips}";
        body.Append($"<clipPath id=\"{name}\"><rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(w)}\" height=\"{N(h)}\"/></clipPath>\n<g clip-path=\"url(#{name})\">\n");
    }

    public void EndGroup() => body.Append("</g>\n");

    /// <summary>The whole document.</summary>
    /// <param name="title">Short name, read out by screen readers.</param>
    /// <param name="description">What is to be seen, in a sentence or two.</param>
    public string Finish(string title, string description)
    {
        fills[Paint.Ground.Name] = Paint.Ground;
        var svg = new StringBuilder();
        svg.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{N(width)}\" height=\"{N(height)}\" viewBox=\"0 0 {N(width)} {N(height)}\"");
        svg.Append($" class=\"figure\" role=\"img\" aria-labelledby=\"{id}-title {id}-description\" font-family=\"{FontMetrics.Family}\" xml:space=\"preserve\">\n");
        svg.Append($"<title id=\"{id}-title\">{XmlText.Escape(title)}</title>\n<desc id=\"{id}-description\">{XmlText.Escape(description)}</desc>\n");
        if (theme == Theme.Automatic)
        {
            svg.Append("<style>@media screen and (prefers-color-scheme:dark){");
            foreach (Paint paint in fills.Values)
                svg.Append($".figure .f-{paint.Name}{{fill:{paint.Dark}}}");
            foreach (Paint paint in strokes.Values)
                svg.Append($".figure .s-{paint.Name}{{stroke:{paint.Dark}}}");
            svg.Append("}</style>\n");
        }

        svg.Append($"<rect width=\"{N(width)}\" height=\"{N(height)}\" class=\"f-{Paint.Ground.Name}\" fill=\"{Colour(Paint.Ground)}\"/>\n");
        return svg.Append(body).Append("</svg>\n").ToString();
    }

    private string Colour(Paint paint) => theme == Theme.Dark ? paint.Dark : paint.Light;

    private static string N(double value) => XmlText.Coordinate(value);

    private static string PathData(IReadOnlyList<(double X, double Y)> points)
    {
        var data = new StringBuilder();
        bool drawing = false;
        foreach ((double x, double y) in points)
        {
            bool finite = double.IsFinite(x) && double.IsFinite(y);
            if (finite)
                data.Append(drawing ? 'L' : 'M').Append(N(x)).Append(' ').Append(N(y));
            drawing = finite;
        }

        return data.ToString();
    }

    private void Close(string element, string name, string? tooltip) =>
        body.Append(element).Append(tooltip is null ? "/>\n" : $"><title>{XmlText.Escape(tooltip)}</title></{name}>\n");

    private string Attributes(Paint? fill, double fillOpacity = 1, Stroke? stroke = null)
    {
        var names = new List<string>();
        string attributes = fill is null ? " fill=\"none\"" : $" fill=\"{Colour(fill)}\"";
        if (fill is not null)
        {
            fills[fill.Name] = fill;
            names.Add("f-" + fill.Name);
            if (fillOpacity < 1)
                attributes += $" fill-opacity=\"{N(fillOpacity)}\"";
        }

        if (stroke is not null)
        {
            strokes[stroke.Paint.Name] = stroke.Paint;
            names.Add("s-" + stroke.Paint.Name);
            attributes += $" stroke=\"{Colour(stroke.Paint)}\" stroke-width=\"{N(stroke.Width)}\"";
            if (stroke.Dashes is not null)
                attributes += $" stroke-dasharray=\"{stroke.Dashes}\"";
            if (stroke.Opacity < 1)
                attributes += $" stroke-opacity=\"{N(stroke.Opacity)}\"";
            if (fill is null)
                attributes += " stroke-linejoin=\"round\"";
        }

        return $" class=\"{string.Join(' ', names)}\"" + attributes;
    }
}
