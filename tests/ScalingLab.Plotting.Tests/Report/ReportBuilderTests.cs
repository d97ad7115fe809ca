using System.Globalization;
using ScalingLab.Core;
using ScalingLab.Core.Configs;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Models;
using ScalingLab.Core.Runs;
using ScalingLab.Laws.Resampling;
using ScalingLab.Plotting.Figures;
using ScalingLab.Plotting.Report;

namespace ScalingLab.Plotting.Tests.Report;

public sealed class ReportBuilderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("scalinglab-report-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_table_from_a_known_law_gives_back_its_exponents_with_all_figures()
    {
        BuiltReport report = ReportBuilder.Build(Table(Grid()), Few);
        Assert.Equal(0.35 / 0.65, report.Content.Fit!.ExponentN!.Value, tolerance: 0.01); // half a per cent of noise on 30 points
        Assert.Equal(["compute-optimal", "fitted-law", "residuals"], report.Content.Figures.Select(f => f.Figure.Name));
        Assert.Contains("compute-optimal parameters grow as", report.ToHtml());
    }

    [Fact]
    public void The_same_table_gives_the_same_bytes()
    {
        string table = Table(Grid());
        Assert.Equal(ReportBuilder.Build(table, Few).ToHtml(), ReportBuilder.Build(table, Few).ToHtml());
    }

    [Fact]
    public void Rows_that_a_filter_leaves_out_are_shown_but_not_fitted()
    {
        BuiltReport report = ReportBuilder.Build(Table([.. Grid(), "1e5,1e6,9.5"]), Few with { Where = "loss<9" });
        Assert.Equal((30, 1), (report.Content.Fit!.Observations, report.Content.Fit.LeftOut));
        Assert.Single(report.Content.Runs, r => !r.InFit);
        Assert.Contains("Hollow: 1 observation", report.Content.Figures[1].Figure.Caption);
    }

    [Theory, InlineData(1), InlineData(3)]
    public void Too_few_rows_give_a_report_that_says_what_is_missing(int rows)
    {
        BuiltReport report = ReportBuilder.Build(Table([.. Grid().Take(rows)]), Few);
        Assert.Null(report.Fit);
        Assert.Contains(report.Content.Warnings, w => w.Section == ReportSection.Fit);
        Assert.Contains("No law was fitted", report.ToHtml());
    }

    [Fact]
    public void Equal_rows_never_crash() => Assert.NotEmpty(ReportBuilder.Build(Table([.. Enumerable.Repeat("1e6,1e7,3", 20)]), Few).ToHtml());

    [Fact]
    public void A_source_that_is_not_there_is_an_error() =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<UserErrorException>(() => ReportBuilder.Build(Path.Combine(folder, "nothing"))).ExitCode);

    [Fact]
    public void Run_folders_are_told_with_their_states_and_curves()
    {
        foreach ((int layers, int width) in new[] { (1, 32), (2, 64), (3, 96) })
            for (int k = 0; k < 3; k++)
                MakeRun(layers, width, 100_000L << k, done: true, diverged: layers == 3 && k == 2);
        MakeRun(2, 64, 9_000_000, done: false, diverged: false);
        BuiltReport report = ReportBuilder.Build(folder, Few);
        Assert.Equal(10, report.Content.Runs.Count);
        Assert.Single(report.Content.Runs, r => r.State == RowState.Diverged && !r.InFit);
        Assert.Single(report.Content.Runs, r => r.State == RowState.Unfinished && !r.InFit);
        Assert.Equal(8, report.Fit!.Observations);
        Assert.Contains(report.Content.Figures, f => f.Figure.Name == "training-loss-against-compute");
        Assert.DoesNotContain(report.Content.Figures, f => f.Figure.Name == "loss-against-compute"); // one evaluation makes no curve
        Assert.Contains(report.Content.Warnings, w => w.Section == ReportSection.Runs && w.Text.Contains("2 runs gave no observation", StringComparison.Ordinal));
        Assert.Contains(("Commit", "0123abc"), report.Content.Provenance.Select(p => (p.Name.Replace("Trained at commit", "Commit", StringComparison.Ordinal), p.Value)));
    }

    [Fact]
    public void Held_out_curves_are_drawn_where_runs_were_evaluated_on_the_way()
    {
        foreach (int width in new[] { 32, 64 })
            MakeRun(2, width, 200_000, done: true, diverged: false, evaluations: 3);
        Figure figure = Assert.Single(ReportBuilder.Build(folder, Few).Content.Figures, f => f.Figure.Name == "loss-against-compute").Figure;
        Assert.Equal(1 + (2 * 3), figure.ToTsv().TrimEnd().Split('\n').Length);
    }

    [Fact]
    public void Runs_that_all_diverged_still_give_a_report()
    {
        MakeRun(1, 32, 100_000, done: true, diverged: true);
        BuiltReport report = ReportBuilder.Build(folder, Few);
        Assert.Null(report.Fit);
        Assert.Contains("diverged", report.ToHtml());
    }

    [Fact]
    public void Page_and_figures_are_written_whole()
    {
        BuiltReport report = ReportBuilder.Build(Table(Grid()), Few);
        string page = Path.Combine(folder, "new", "report.html");
        report.Write(page);
        IReadOnlyList<string> figures = report.WriteFigures(Path.Combine(folder, "new", "report.figures"));
        Assert.Equal(report.ToHtml(), File.ReadAllText(page));
        Assert.All(figures, f => Assert.True(File.Exists(f) && File.Exists(Path.ChangeExtension(f, ".tsv"))));
        Assert.Equal(3, figures.Count);
    }

    [Fact]
    public void A_file_where_the_folder_should_be_is_a_disk_error()
    {
        string table = Table(Grid());
        UserErrorException error = Assert.Throws<UserErrorException>(() => ReportBuilder.Build(table, Few).Write(Path.Combine(table, "report.html")));
        Assert.Equal(ExitCode.Disk, error.ExitCode);
    }

    private static ReportOptions Few => new() { Bootstrap = new BootstrapOptions { Resamples = 20, Seed = 1 } };

    private static string[] Grid()
    {
        var random = new Random(7);
        double[] sizes = [1e5, 3e5, 1e6, 3e6, 1e7, 3e7], tokens = [2e6, 1e7, 5e7, 2e8, 1e9];
        return [.. from n in sizes from d in tokens select string.Create(CultureInfo.InvariantCulture, $"{n},{d},{SmallStudy.Law(n, d) * (1 + 0.001 * (random.NextDouble() - 0.5)):R}")];
    }

    private string Table(string[] rows)
    {
        string path = Path.Combine(folder, "table.csv");
        File.WriteAllText(path, "N,D,loss\n" + string.Join('\n', rows) + "\n");
        return path;
    }

    private void MakeRun(int layers, int width, long tokens, bool done, bool diverged, int evaluations = 0)
    {
        var shape = new ModelShape { Layers = layers, Width = width, Heads = 2 };
        var config = new RunConfig { Corpus = new(), Model = shape, Training = new() { Tokens = tokens }, Evaluation = new() };
        string id = string.Create(CultureInfo.InvariantCulture, $"L{layers}-d{width}-{tokens}");
        var run = new RunFolder(Path.Combine(folder, "sweep", id));
        run.WriteManifest(new RunManifest { RunId = id, Sweep = "sweep", Config = config, Vocabulary = 257, Commit = "0123abc", Device = "cpu" });
        if (!done)
            return;
        double perToken = FlopCounts.MatrixProducts(shape, 257);
        ParameterCounts parameters = ParameterCounts.Of(shape, 257);
        double loss = SmallStudy.Law(parameters.Total, tokens);
        using (JsonLinesWriter<LogEntry> log = run.OpenLog())
            for (int step = 1; step <= 5; step++)
                log.Append(new LogEntry { Step = step, Tokens = tokens * step / 5, LossNats = loss * (1 + 1.0 / step), Lr = 0.001, GradNorm = 1, Seconds = step, TokensPerSecond = tokens / 5.0, FlopsMeasured = null, Joules = null });
        using (JsonLinesWriter<EvalEntry> heldOut = run.OpenEvaluations())
            for (int step = 1; step <= evaluations; step++)
                heldOut.Append(new EvalEntry { Step = step, Tokens = tokens * step / evaluations, LossNats = loss * (1 + (0.1 * (evaluations - step))), BitsPerByte = loss, FlopsMeasured = null });
        var end = new EvalEntry { Step = 5, Tokens = tokens, LossNats = loss, BitsPerByte = loss / Math.Log(2), FlopsMeasured = null };
        run.Finish(new DoneRecord
        {
            Reason = diverged ? EndReason.Diverged : EndReason.Completed,
            FinalEvaluation = diverged ? null : end,
            Parameters = parameters,
            Tokens = tokens,
            UniqueTokens = tokens,
            Flops = new FlopTotals { Measured = null, MeasuredForward = null, MeasuredBackward = null, MatrixProducts = perToken * tokens, SixNd = 0, Kaplan = 0, Palm = 0, ChinchillaAppendixF = 0 },
            WallSeconds = 5.5,
            Joules = null,
            Attempt = 1,
        });
    }
}
