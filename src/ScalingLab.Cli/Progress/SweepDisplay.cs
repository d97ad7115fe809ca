using System.Globalization;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Training.Sweeps;

namespace ScalingLab.Cli.Progress;

/// <summary>Shows a sweep on stderr: a table that is redrawn on a terminal, a plain line per run and half a minute on a pipe.</summary>
internal sealed class SweepDisplay : ISweepObserver, IDisposable
{
    private static readonly TimeSpan RedrawEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PlainEvery = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly SweepProgress progress;
    private readonly TextWriter output;
    private readonly bool live;
    private readonly Timer timer;
    private readonly HashSet<string> waitedFor = [];
    private int drawnLines;
    private bool closed;

    /// <param name="progress">What to show.</param>
    /// <param name="output">Usually stderr.</param>
    /// <param name="live">Redraw in place: only where output is a terminal.</param>
    public SweepDisplay(SweepProgress progress, TextWriter output, bool live)
    {
        this.progress = progress;
        this.output = output;
        this.live = live;
        TimeSpan period = live ? RedrawEvery : PlainEvery;
        timer = new Timer(_ => Draw(), null, period, period);
    }

    public void Started(SweepTask task) => progress.Started(task);

    public void Progressed(SweepTask task, WorkerMessage message) => progress.Progressed(task, message);

    public void Retrying(SweepTask task, int exitCode, string error) =>
        Say($"trying {task.RunId} again: its worker ended with exit code {exitCode}: {ProgressText.FirstLine(error)}");

    public void Waiting(SweepTask task, ClaimRecord? owner)
    {
        progress.Waiting(task);
        bool first;
        lock (gate)
            first = waitedFor.Add(task.RunId);
        if (first)
            Say(owner is null ? $"waiting for {task.RunId}: another process has it" : $"waiting for {task.RunId}: process {owner.Pid} on {owner.Host} has it");
    }

    public void Ended(TaskResult result)
    {
        progress.Ended(result);
        foreach (string warning in ProgressText.Warnings(result.Error))
            Say(warning);
        SweepSnapshot now = progress.Snapshot();
        Say($"{now.Finished}/{now.Total} done · {ProgressText.Ended(result, DoneOf(result))}");
    }

    private static DoneRecord? DoneOf(TaskResult result)
    {
        try
        {
            return new RunFolder(result.Task.Folder).ReadDone();
        }
        catch (UserErrorException)
        {
            return null; // damaged: status and export say so
        }
    }

    /// <summary>A line that stays.</summary>
    public void Say(string text)
    {
        lock (gate)
        {
            Erase();
            output.WriteLine(text);
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        lock (gate)
        {
            Erase();
            closed = true;
        }
    }

    private void Draw()
    {
        lock (gate)
        {
            if (closed)
                return;
            SweepSnapshot now = progress.Snapshot();
            Erase();
            IEnumerable<string> lines = live ? ProgressTable.Lines(now, progress.PeakFlopsPerSecond).Select(Fit) : now.Running.Select(r => ProgressText.Line(now, r, progress.PeakFlopsPerSecond));
            foreach (string line in lines)
            {
                output.WriteLine(line);
                drawnLines += live ? 1 : 0;
            }

            output.Flush();
        }
    }

    // A line that wraps would be two rows, and erasing would leave one of them.
    private static string Fit(string line)
    {
        int width = Math.Max(20, Console.WindowWidth - 1);
        return line.Length <= width ? line : line[..width];
    }

    private void Erase()
    {
        if (drawnLines == 0)
            return;
        output.Write(string.Create(CultureInfo.InvariantCulture, $"\r\u001b[{drawnLines}A\u001b[J")); // to the first row's start, past an echoed ^C; clear all below
        drawnLines = 0;
    }
}
