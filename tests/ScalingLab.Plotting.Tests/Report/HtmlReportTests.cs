using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ScalingLab.Plotting.Report;

namespace ScalingLab.Plotting.Tests.Report;

public class HtmlReportTests
{
    [Fact]
    public void The_text_of_a_report_reads_as_approved() => Approved.Equal("report-text", TextOf(HtmlReport.Write(Content())), "txt");

    [Fact]
    public void A_report_is_well_formed_and_the_same_bytes_again_and_under_a_german_culture()
    {
        string html = HtmlReport.Write(Content());
        Parse(html);
        Assert.Equal(html, HtmlReport.Write(Content()));
        Assert.Equal(html, Culture.German(() => HtmlReport.Write(Content())));
    }

    [Fact]
    public void A_report_fetches_nothing_and_runs_its_one_script()
    {
        string html = HtmlReport.Write(Content());
        Assert.DoesNotContain("http://", html.Replace("xmlns=\"http://www.w3.org/2000/svg\"", "", StringComparison.Ordinal));
        Assert.DoesNotContain("https://", html);
        string script = Assert.Single(Regex.Matches(html, "<script>(.*?)</script>", RegexOptions.Singleline)).Groups[1].Value;
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        Assert.Contains($"default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'", html);
        html = html.Replace(script, "", StringComparison.Ordinal);
        Assert.DoesNotMatch(new Regex("\\s(src|href|on[a-z]+)=", RegexOptions.IgnoreCase), Regex.Replace(html, ">[^<]*<", "><"));
        Assert.DoesNotContain("@import", html);
        Assert.DoesNotMatch("url\\((?!#)", html);
    }

    [Fact]
    public void Markup_from_outside_is_text_wherever_it_comes_in()
    {
        const string hostile = SmallStudy.HostileName;
        ReportContent content = Content() with
        {
            Title = hostile,
            Source = hostile,
            Warnings = [.. Enum.GetValues<ReportSection>().Select(s => new ReportWarning(s, hostile))],
            Provenance = [(hostile, hostile)],
            Runs = [new RunRow { Id = hostile, State = RowState.Completed }],
            Fit = Content().Fit! with { Law = hostile, Approach = hostile, Objective = hostile, Resampling = hostile, Solver = [(hostile, hostile)], ParameterConvention = hostile, Parameters = [new(hostile, 1, null, null)] },
        };
        XDocument page = Parse(HtmlReport.Write(content));
        Assert.DoesNotContain(page.Descendants(), e => (e.Name.LocalName == "script" && !e.Value.Contains("\"use strict\"", StringComparison.Ordinal)) || (e.Name.LocalName == "b" && e.Value == "run"));
        Assert.Contains("</script><b>run</b> & \"quoted\"", page.Descendants("h1").Single().Value);
    }

    [Fact]
    public void Runs_that_diverged_failed_or_are_not_finished_are_shown_as_what_they_are()
    {
        string text = TextOf(HtmlReport.Write(Content()));
        Assert.Contains("| run-2 | diverged |", text);
        Assert.Contains("| run-3 | failed |", text);
        Assert.Contains("| run-4 | unfinished |", text);
    }

    [Fact]
    public void An_empty_source_gives_a_report_that_says_so()
    {
        string text = TextOf(HtmlReport.Write(new ReportContent { Title = "Nothing", Source = "empty.csv", Warnings = [new(ReportSection.Fit, "A fit needs 5 observations, there are 0.")] }));
        Assert.Contains("No law was fitted", text);
        Assert.Contains("A fit needs 5 observations", text);
        Assert.Contains("The source holds no runs.", text);
    }

    [Fact]
    public void A_fit_that_did_not_converge_says_so_in_the_summary() =>
        Assert.Contains("did not converge", TextOf(HtmlReport.Write(Content() with { Fit = Content().Fit! with { Converged = false } })).Split("Compute-optimal training")[0]);

    [Fact]
    public void Ten_thousand_runs_stay_far_below_twenty_megabytes()
    {
        RunRow[] runs = [.. Enumerable.Range(0, 10_000).Select(i => new RunRow { Id = $"L4-d256-T{i}-0123abcd", State = RowState.Completed, Layers = 4, Width = 256, Parameters = 1e6 + i, Tokens = 1e8, Flops = 6e14, Loss = 3.1, BitsPerByte = 1.1, TokensPerSecond = 4e4, WallSeconds = 2500 })];
        string html = HtmlReport.Write(Content() with { Runs = runs });
        Assert.InRange(html.Length, 100_000, 5_000_000);
        Assert.Contains("The first 5,000 are shown", html);
    }

    private static ReportContent Content() => new()
    {
        Title = "A small study",
        Source = "runs/small",
        ObservedFlops = (1e15, 1e16),
        Optima = SmallStudy.Optima(),
        Figures = [.. SmallStudy.ReportFigures().Select(f => (ReportSection.Fit, f))],
        Warnings = [new(ReportSection.Summary, "Summary note."), new(ReportSection.Fit, "Fit note.")],
        Provenance = [("Commit", "0123abc")],
        Runs =
        [
            new RunRow { Id = "run-1", State = RowState.Completed, Layers = 2, Width = 64, Parameters = 1e5, Tokens = 2e6, Flops = 1.2e12, Loss = 3.25, BitsPerByte = 1.5, TokensPerSecond = 41234, WallSeconds = 48.5 },
            new RunRow { Id = "run-2", State = RowState.Diverged, Layers = 2, Width = 64, Parameters = 1e5, Tokens = 4e6, InFit = false },
            new RunRow { Id = "run-3", State = RowState.Failed, Layers = 2, Width = 128, Parameters = 4e5, InFit = false },
            new RunRow { Id = "run-4", State = RowState.Unfinished, InFit = false },
        ],
        Fit = new FitFacts
        {
            Law = "chinchilla", Formula = "*L* = *E* + *A*/*N*^{α} + *B*/*D*^{β}", Approach = "parametric", Objective = "log-huber, δ = 0.001, summed", ObjectiveValue = 0.00123, Observations = 4, LeftOut = 3,
            Parameters = [new("E", 1.2, 0.03, (1.14, 1.26)), new("alpha", 0.3, 0.02, (0.26, 0.34))],
            ExponentN = 0.538, ExponentNInterval = (0.5, 0.57), ExponentD = 0.462, ExponentDInterval = (0.43, 0.5),
            Resampling = "case bootstrap, 100 resamples, seed 1", Converged = true, Solver = [("Stopped because", "small gradient")],
        },
    };

    private static XDocument Parse(string html) => XDocument.Parse(html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));

    /// <summary>What a reader sees, figures left out: a line a block, cells between bars.</summary>
    private static string TextOf(string html)
    {
        html = Regex.Replace(html, "<svg.*?</svg>", "", RegexOptions.Singleline);
        html = Regex.Replace(html, "<(head|style|script).*?</\\1>", "", RegexOptions.Singleline);
        html = Regex.Replace(html, "<sup>", "^");
        html = Regex.Replace(html, "</?(td|th)[^>]*>", "| ");
        html = Regex.Replace(html, "<small>", " ");
        html = System.Net.WebUtility.HtmlDecode(Regex.Replace(html, "<[^>]*>", ""));
        html = Regex.Replace(html, "[ ]*\\|[ ]*(\\|[ ]*)?", " | ");
        return string.Join('\n', html.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0)) + "\n";
    }
}
