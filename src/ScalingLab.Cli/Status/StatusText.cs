using System.Globalization;
using ScalingLab.Cli.Progress;
using Spectre.Console;

namespace ScalingLab.Cli.Status;

/// <summary>Runs as a table for a terminal, or as aligned lines for a pipe.</summary>
internal static class StatusText
{
    private const int WidthWithCurve = 100;
    private static readonly string[] Heads = ["run", "state", "tokens", "done", "loss", "bits/byte", "curve"];

    /// <summary>The table; with the curve where it fits.</summary>
    public static Table Table(IEnumerable<RunStatus> runs, int width)
    {
        int columns = width >= WidthWithCurve ? Heads.Length : Heads.Length - 1;
        Table table = new Table().Border(TableBorder.Simple).AddColumns(Heads[..columns]);
        for (int i = 0; i < columns; i++)
        {
            table.Columns[i].NoWrap(); // a run id in two halves can be neither read nor copied
            if (i is >= 2 and <= 5)
                table.Columns[i].RightAligned();
        }

        foreach (RunStatus run in runs)
            table.AddRow([.. Cells(run)[..columns].Select(Markup.Escape)]);
        return table;
    }

    /// <summary>One line a run, columns aligned by blanks, under a line of names.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<RunStatus> runs)
    {
        string[][] rows = [Heads, .. runs.Select(Cells)];
        int[] widths = [.. Enumerable.Range(0, Heads.Length).Select(i => rows.Max(r => r[i].Length))];
        return rows.Select(row => string.Join("  ", row.Select((cell, i) => i is >= 2 and <= 5 ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
    }

    /// <summary><c>3 finished, 1 diverged</c>, in the order in which the states first come.</summary>
    public static string Counts(IReadOnlyList<RunStatus> runs) => string.Join(", ", runs.GroupBy(r => r.State).Select(g => $"{g.Count()} {g.Key}"));

    private static string[] Cells(RunStatus run) =>
    [
        Printable(run.Run),
        run.State,
        Number(run.Tokens, "N0"),
        run.TotalTokens > 0 ? Number(100.0 * run.Tokens / run.TotalTokens, "F0") + " %" : "",
        Number(run.LossNats, "F4"),
        Number(run.BitsPerByte, "F4"),
        ProgressText.Spark(run.Curve),
    ];

    // A folder's name must not drive the terminal.
    private static string Printable(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
