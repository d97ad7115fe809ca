using ScalingLab.Plotting.Figures;
using ScalingLab.Plotting.Report;

namespace ScalingLab.Plotting.Tests.Browser;

public class ReportInBrowserTests
{
    [BrowserFact]
    public async Task The_page_draws_hovers_and_searches_without_an_error_or_a_request()
    {
        string page = Write();
        await using Chromium browser = await Chromium.Open(page);
        Assert.Equal(SmallStudy.ReportFigures().Count, (await browser.Evaluate("document.querySelectorAll('figure svg.figure').length"))!.GetValue<int>());

        await browser.Evaluate("document.querySelector('#loss-against-compute button').click()");
        await browser.Until("document.querySelector('#loss-against-compute .interactive .scatterlayer .trace') !== null");
        Assert.False((await browser.Evaluate("getComputedStyle(document.querySelector('#loss-against-compute .wide')).display !== 'none'"))!.GetValue<bool>());
        await browser.Evaluate("document.querySelector('#loss-against-compute').scrollIntoView({block:'center'})");
        string[] place = (await browser.Evaluate("(() => { const r = document.querySelector('#loss-against-compute .scatterlayer .trace path').getBoundingClientRect(); return (r.left + 1) + ' ' + (r.top + 1); })()"))!.GetValue<string>().Split(' ');
        for (int i = 0; i < 3; i++)
            await browser.MoveMouse(double.Parse(place[0], System.Globalization.CultureInfo.InvariantCulture) + i, double.Parse(place[1], System.Globalization.CultureInfo.InvariantCulture) + i);
        await browser.Until("document.querySelector('#loss-against-compute .hoverlayer .hovertext') !== null");
        Assert.Contains("loss", (await browser.Evaluate("document.querySelector('#loss-against-compute .hoverlayer').textContent"))!.GetValue<string>());
        Assert.Equal(0, (await browser.Evaluate("document.querySelectorAll('[data-title*=cloud i], [data-title*=studio i], .plotlyjsicon').length"))!.GetValue<int>());

        await browser.Evaluate("(() => { const s = document.querySelector('#runs input'); s.value = 'quoted'; s.dispatchEvent(new Event('input')); })()");
        Assert.Equal(1, (await browser.Evaluate("[...document.querySelectorAll('#runs tbody tr')].filter(r => !r.hidden).length"))!.GetValue<int>());

        Assert.Empty(browser.Problems);
        Assert.Empty(browser.Requests);
    }

    [BrowserFact]
    public async Task Every_figure_of_a_report_can_be_explored_and_put_back()
    {
        await using Chromium browser = await Chromium.Open(Write());
        foreach (Figure figure in SmallStudy.ReportFigures())
        {
            await browser.Evaluate($"document.querySelector('#{figure.Name} button').click()");
            await browser.Until($"document.querySelector('#{figure.Name} .interactive .scatterlayer .trace') !== null");
            await browser.Evaluate($"document.querySelector('#{figure.Name} button').click()");
            Assert.True((await browser.Evaluate($"getComputedStyle(document.querySelector('#{figure.Name} .wide')).display !== 'none'"))!.GetValue<bool>());
        }

        Assert.Empty(browser.Problems);
    }

    [BrowserFact]
    public async Task Markup_in_the_name_of_a_run_is_text_in_table_and_plots()
    {
        await using Chromium browser = await Chromium.Open(Write());
        Assert.Contains("</script><b>run</b>", (await browser.Evaluate("document.querySelector('#runs').textContent"))!.GetValue<string>());
        Assert.Equal(0, (await browser.Evaluate("document.querySelectorAll('#runs b, #loss-against-compute b:not(figcaption b)').length"))!.GetValue<int>());
        Assert.Empty(browser.Problems);
    }

    private static string Write()
    {
        LossCurve[] curves = [new(SmallStudy.HostileName, 1e6, [(1e12, 3), (2e12, 2.9)]), .. SmallStudy.Curves()];
        var content = new ReportContent
        {
            Title = SmallStudy.HostileName,
            Source = "a folder",
            Figures = [.. SmallStudy.ReportFigures().Select(f => (ReportSection.Fit, f is LossCurves ? new LossCurves(curves) : f))],
            Runs = [new RunRow { Id = SmallStudy.HostileName, State = RowState.Completed, Loss = 3 }, new RunRow { Id = "other", State = RowState.Diverged }],
        };
        string page = Path.Combine(Directory.CreateTempSubdirectory("scalinglab-test-").FullName, "report.html");
        File.WriteAllText(page, HtmlReport.Write(content, SetUpPlotly.Find()));
        return page;
    }
}
