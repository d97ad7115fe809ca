using System.Text;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Report;

/// <summary>Writes the report's markup. Text goes through <see cref="Text"/>; what is appended raw is our own.</summary>
internal sealed class Html
{
    private readonly StringBuilder page = new();

    /// <summary>Our own markup.</summary>
    public Html Raw(string markup)
    {
        page.Append(markup).Append('\n');
        return this;
    }

    /// <summary>Text from anywhere, made harmless.</summary>
    public static string Text(string text) => XmlText.Escape(text);

    /// <summary>A number between low and high, or nothing.</summary>
    public static string Interval((double Low, double High)? interval, Func<double?, RichText> format) =>
        interval is (double low, double high) ? $"<span class=\"interval\">{format(low).ToHtml()} to {format(high).ToHtml()}</span>" : $"<span class=\"interval\">{Quantity.Absent}</span>";

    /// <summary>A table that scrolls sideways on narrow screens.</summary>
    /// <param name="caption">Markup.</param>
    /// <param name="head">Cells of the header: markup, and whether the column holds text.</param>
    /// <param name="rows">Class of the row (empty for none) and its cells as markup.</param>
    public Html Table(string caption, IReadOnlyList<(string Markup, bool IsText)> head, IEnumerable<(string Class, string[] Cells)> rows)
    {
        Raw("<div class=\"scroll\" tabindex=\"0\"><table>").Raw($"<caption>{caption}</caption>");
        Raw("<thead><tr>" + string.Concat(head.Select(h => $"<th scope=\"col\"{(h.IsText ? " class=\"text\"" : "")}>{h.Markup}</th>")) + "</tr></thead>").Raw("<tbody>");
        foreach ((string name, string[] cells) in rows)
        {
            page.Append(name.Length == 0 ? "<tr>" : $"<tr class=\"{name}\">");
            for (int i = 0; i < cells.Length; i++)
                page.Append(head[i].IsText ? "<td class=\"text\">" : "<td>").Append(cells[i]).Append("</td>");
            page.Append("</tr>\n");
        }

        return Raw("</tbody></table></div>");
    }

    public override string ToString() => page.ToString();
}
