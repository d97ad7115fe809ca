using System.Globalization;
using System.Text;

namespace ScalingLab.Core.Diagnostics;

/// <summary>Turns diagnostics into the text that a terminal shows: message, place, the line with a caret, and a way out.</summary>
public static class DiagnosticRenderer
{
    private const int WidestLine = 160;

    /// <summary>All diagnostics, in the given order, each followed by a newline; no colour.</summary>
    public static string Render(IReadOnlyList<Diagnostic> diagnostics)
    {
        var text = new StringBuilder();
        foreach (Diagnostic diagnostic in diagnostics)
            Append(text, diagnostic);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Diagnostic diagnostic)
    {
        text.Append("error[").Append(diagnostic.Code).Append("]: ").Append(Printable(diagnostic.Message)).Append('\n');
        if (diagnostic.Location is { } place)
            AppendPlace(text, place);
        if (diagnostic.Help is { } help)
            text.Append("  help: ").Append(Printable(help)).Append('\n');
    }

    private static void AppendPlace(StringBuilder text, SourceLocation place)
    {
        text.Append("  --> ").Append(Printable(place.File));
        if (place.Line > 0)
            text.Append(CultureInfo.InvariantCulture, $":{place.Line}");
        if (place is { Line: > 0, Column: > 0 })
            text.Append(CultureInfo.InvariantCulture, $":{place.Column}");
        text.Append('\n');
        if (place is not { Line: > 0, LineText: { } line })
            return;
        string number = place.Line.ToString(CultureInfo.InvariantCulture);
        bool cut = line.Length > WidestLine;
        text.Append(' ').Append(number).Append(" | ").Append(Printable(cut ? line[..WidestLine] : line)).Append(cut ? "…\n" : "\n");
        if (place.Column > 0 && place.Column <= WidestLine)
            text.Append(' ', number.Length + 1).Append(" | ").Append(' ', place.Column - 1).Append("^\n");
    }

    /// <summary>Control characters shown as a question mark, a tab as one space: a hostile file cannot drive the terminal, and the caret stays in place.</summary>
    private static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => c == '\t' ? ' ' : char.IsControl(c) ? '?' : c)) : text;
}
