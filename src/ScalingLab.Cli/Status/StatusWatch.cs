using ScalingLab.Core;
using ScalingLab.Core.Runs;
using Spectre.Console;

namespace ScalingLab.Cli.Status;

/// <summary>Shows the runs of a folder again and again until all have ended: a table in place on a terminal, on a pipe a line for each run that has moved.</summary>
/// <param name="folder">Folder of runs.</param>
/// <param name="every">Pause between looks.</param>
internal sealed class StatusWatch(string folder, TimeSpan every)
{
    private const int LinesBesideRows = 6; // the table's head and foot, the counts, and the prompt's line

    private readonly Dictionary<string, RunStatus> seen = [];
    private int drawnLines;

    public ExitCode Run()
    {
        while (true)
        {
            IReadOnlyList<RunStatus> runs = Look();
            if (Console.IsOutputRedirected)
                WriteChanges(runs);
            else
                Draw(runs);
            foreach (RunStatus run in runs)
                seen[run.Run] = run;
            if (runs.Count > 0 && runs.All(r => r.Ended))
                return runs.Any(r => r.Problem is not null) ? ExitCode.CorruptData : ExitCode.Success;
            Thread.Sleep(every);
        }
    }

    /// <summary>Files of a run that has ended are not read twice.</summary>
    private List<RunStatus> Look() =>
        [.. RunsDirectory.Enumerate(folder, tolerant: true).Select(found => seen.TryGetValue(found.Folder.Id, out RunStatus? known) && known.Ended ? known : RunStatus.Of(found))];

    private void WriteChanges(IReadOnlyList<RunStatus> runs)
    {
        RunStatus[] moved = [.. runs.Where(r => !seen.TryGetValue(r.Run, out RunStatus? before) || (before.State, before.Tokens) != (r.State, r.Tokens))];
        foreach (string line in StatusText.Lines(moved).Skip(seen.Count == 0 ? 0 : 1))
            Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    private void Draw(IReadOnlyList<RunStatus> runs)
    {
        // What moves first, so that of thousands of runs a screen shows those; then in the order of their names.
        int room = Math.Max(3, Console.WindowHeight - LinesBesideRows);
        RunStatus[] shown = [.. runs.OrderBy(r => r.State switch { "running" => 0, "damaged" => 1, "interrupted" => 2, "planned" => 3, _ => 4 }).Take(room)];
        using var text = new StringWriter();
        IAnsiConsole console = Terminal.Make(text, redirected: false);
        console.Write(StatusText.Table(shown, console.Profile.Width));
        string more = shown.Length < runs.Count ? $" ({runs.Count - shown.Length} more)" : "";
        text.WriteLine(StatusText.Counts(runs) + more);
        string content = text.ToString();
        if (drawnLines > 0)
            Console.Out.Write(FormattableString.Invariant($"\r\u001b[{drawnLines}A\u001b[J"));
        Console.Out.Write(content);
        Console.Out.Flush();
        drawnLines = content.Count(c => c == '\n');
    }
}
