using System.Globalization;

namespace ScalingLab.Plotting.Report;

/// <summary>Every run with its state; a run that diverged or failed is a row like any other. Columns that no run fills are left out.</summary>
internal static class RunsTable
{
    private const int MostRows = 5000;

    private sealed record Column(string Head, bool IsText, Func<RunRow, bool> Has, Func<RunRow, string> Cell);

    private static readonly Column[] Columns =
    [
        new("Run", true, _ => true, r => Html.Text(r.Id)),
        new("State", true, _ => true, State),
        new("Layers", false, r => r.Layers is not null, r => r.Layers?.ToString(CultureInfo.InvariantCulture) ?? Quantity.Absent),
        new("Width", false, r => r.Width is not null, r => r.Width?.ToString(CultureInfo.InvariantCulture) ?? Quantity.Absent),
        new("Parameters", false, r => r.Parameters is not null, r => Quantity.Count(r.Parameters).ToHtml()),
        new("Tokens", false, r => r.Tokens is not null, r => Quantity.Count(r.Tokens).ToHtml()),
        new("FLOPs", false, r => r.Flops is not null, r => Quantity.Scientific(r.Flops, trim: false).ToHtml()),
        new("Loss<small>nats per token</small>", false, _ => true, r => Quantity.Loss(r.Loss)),
        new("Bits<small>per byte</small>", false, r => r.BitsPerByte is not null, r => Quantity.Loss(r.BitsPerByte)),
        new("Speed<small>tokens per second</small>", false, r => r.TokensPerSecond is not null, r => Quantity.Count(r.TokensPerSecond).ToHtml()),
        new("Wall time<small>seconds</small>", false, r => r.WallSeconds is not null, r => Quantity.Number(r.WallSeconds, 3).ToHtml()),
    ];

    public static void Write(Html html, IReadOnlyList<RunRow> runs)
    {
        if (runs.Count == 0)
        {
            html.Raw("<p>The source holds no runs.</p>");
            return;
        }

        Column[] columns = [.. Columns.Where(c => runs.Any(c.Has))];
        RunRow[] shown = [.. runs.OrderBy(r => r.Parameters ?? double.PositiveInfinity).ThenBy(r => r.Tokens ?? double.PositiveInfinity).ThenBy(r => r.Id, StringComparer.Ordinal).Take(MostRows)];
        string caption = $"{Quantity.Of(runs.Count, "row")}, by parameters, then tokens.";
        if (runs.Any(r => !r.InFit))
            caption += " Greyed: not in the fit.";
        if (shown.Length < runs.Count)
            caption += $" The first {MostRows.ToString("N0", CultureInfo.InvariantCulture)} are shown.";
        html.Table(caption, [.. columns.Select(c => (c.Head, c.IsText))], shown.Select(r => (r.InFit ? "" : "unused", columns.Select(c => c.Cell(r)).ToArray())));
    }

    private static string State(RunRow run) => run.State switch
    {
        RowState.Completed => run.InFit ? "completed" : "completed, unused",
        RowState.Observed => run.InFit ? "observed" : "observed, unused",
        RowState.Diverged => "<span class=\"bad\">diverged</span>",
        RowState.Failed => "<span class=\"bad\">failed</span>",
        _ => "unfinished",
    };
}
