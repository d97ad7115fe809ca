using System.Globalization;
using System.Text;

namespace ScalingLab.Plotting.Svg;

/// <summary>How a piece of text stands on its line.</summary>
internal enum TextStyle
{
    Plain,
    Italic,
    Superscript,
    Subscript,
}

/// <summary>A line of text with italics, superscripts and subscripts: axis labels, powers of ten, symbols.</summary>
internal sealed class RichText
{
    private readonly (string Text, TextStyle Style)[] pieces;

    private RichText((string, TextStyle)[] pieces) => this.pieces = pieces;

    /// <summary>Text taken as it is: for names that come from users.</summary>
    public static RichText Plain(string text) => new([(text, TextStyle.Plain)]);

    /// <summary>Our own captions: *italic*, ^{superscript}, _{subscript}. Never for text from outside.</summary>
    public static RichText Markup(string text)
    {
        var pieces = new List<(string, TextStyle)>();
        var plain = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            bool script = text[i] is '^' or '_' && i + 1 < text.Length && text[i + 1] == '{';
            int end = script ? text.IndexOf('}', i) : text[i] == '*' ? text.IndexOf('*', i + 1) : -1;
            if (end < 0)
            {
                plain.Append(text[i]);
                continue;
            }

            if (plain.Length > 0)
                pieces.Add((plain.ToString(), TextStyle.Plain));
            plain.Clear();
            TextStyle style = !script ? TextStyle.Italic : text[i] == '^' ? TextStyle.Superscript : TextStyle.Subscript;
            pieces.Add((text[(i + (script ? 2 : 1))..end], style));
            i = end;
        }

        if (plain.Length > 0)
            pieces.Add((plain.ToString(), TextStyle.Plain));
        return new([.. pieces]);
    }

    /// <summary>mantissa × 10^exponent; a mantissa of 1 is left out.</summary>
    public static RichText Scientific(string mantissa, int exponent)
    {
        string power = exponent.ToString(CultureInfo.InvariantCulture).Replace('-', '\u2212');
        string lead = mantissa == "1" ? "10" : mantissa + "\u00d710";
        return new([(lead, TextStyle.Plain), (power, TextStyle.Superscript)]);
    }

    public static RichText operator +(RichText left, RichText right) => new([.. left.pieces, .. right.pieces]);

    /// <summary>The same on one plain line, for captions and tooltips: 10¹⁸. A superscript without characters of its own follows a ^.</summary>
    public override string ToString() => string.Concat(pieces.Select(p =>
        p.Style != TextStyle.Superscript ? p.Text
        : p.Text.All(c => Digits.Contains(c)) ? string.Concat(p.Text.Select(c => Raised[Digits.IndexOf(c)]))
        : "^" + p.Text));

    private const string Digits = "0123456789\u2212", Raised = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b";

    /// <summary>Width in pixels at a font size, from the metrics of Helvetica.</summary>
    public double Width(double size) =>
        pieces.Sum(p => FontMetrics.Width(p.Text, IsScript(p.Style) ? size * ScriptSize : size));

    /// <summary>Content of an SVG text element. Shifts are in pixels, which every renderer reads alike.</summary>
    public string ToSvg(double size)
    {
        var svg = new StringBuilder();
        double raised = 0;
        foreach ((string text, TextStyle style) in pieces)
        {
            double target = style switch
            {
                TextStyle.Superscript => -0.38 * size,
                TextStyle.Subscript => 0.2 * size,
                _ => 0,
            };
            string attributes = target == raised ? "" : $" dy=\"{XmlText.Coordinate(target - raised)}\"";
            raised = target;
            if (IsScript(style))
                attributes += $" font-size=\"{XmlText.Coordinate(size * ScriptSize)}\"";
            if (style == TextStyle.Italic)
                attributes += " font-style=\"italic\"";
            string escaped = XmlText.Escape(text);
            svg.Append(attributes.Length == 0 ? escaped : $"<tspan{attributes}>{escaped}</tspan>");
        }

        return svg.ToString();
    }

    /// <summary>The same as HTML.</summary>
    public string ToHtml() => string.Concat(pieces.Select(p => p.Style switch
    {
        TextStyle.Superscript => $"<sup>{XmlText.Escape(p.Text)}</sup>",
        TextStyle.Subscript => $"<sub>{XmlText.Escape(p.Text)}</sub>",
        TextStyle.Italic => $"<i>{XmlText.Escape(p.Text)}</i>",
        _ => XmlText.Escape(p.Text),
    }));

    /// <summary>The same in gnuplot's enhanced text. Its special characters lose their meaning.</summary>
    public string ToGnuplot() => string.Concat(pieces.Select(p => p.Style switch
    {
        TextStyle.Superscript => "^{" + GnuplotPlain(p.Text) + "}",
        TextStyle.Subscript => "_{" + GnuplotPlain(p.Text) + "}",
        TextStyle.Italic => "{/:Italic " + GnuplotPlain(p.Text) + "}",
        _ => GnuplotPlain(p.Text.StartsWith(' ') || p.Text.EndsWith(' ') ? p.Text.Replace(' ', '\u00a0') : p.Text), // it drops blanks beside an italic
    }));

    private static string GnuplotPlain(string text) => string.Concat(text.Select(c => "^_@&~{}\\".Contains(c) ? "\\" + c : c.ToString()));

    private const double ScriptSize = 0.75;

    private static bool IsScript(TextStyle style) => style is TextStyle.Superscript or TextStyle.Subscript;
}
