using System.Xml.Linq;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Tests.Figures;

public class FigureTests
{
    public static TheoryData<string> Names => [.. SmallStudy.Figures().Select(f => f.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Each_figure_draws_as_approved(string name) => Approved.Equal(name, Find(name).ToSvg());

    [Theory, MemberData(nameof(Names))]
    public void Each_figure_writes_its_data_as_approved(string name) => Approved.Equal(name, Find(name).ToTsv(), "tsv");

    [Theory, MemberData(nameof(Names))]
    public void Drawing_again_or_under_a_german_culture_gives_the_same_bytes(string name)
    {
        string once = Find(name).ToSvg() + Find(name).ToTsv() + Find(name).Caption;
        Assert.Equal(once, Find(name).ToSvg() + Find(name).ToTsv() + Find(name).Caption);
        Assert.Equal(once, Culture.German(() => Find(name).ToSvg() + Find(name).ToTsv() + Find(name).Caption));
    }

    [Theory, MemberData(nameof(Names))]
    public void Each_figure_is_well_formed_and_has_a_title_a_description_and_its_own_ids(string name)
    {
        XDocument svg = XDocument.Parse(Find(name).ToSvg());
        XNamespace ns = "http://www.w3.org/2000/svg";
        Assert.Equal(Find(name).Title, svg.Root!.Element(ns + "title")!.Value);
        Assert.Equal(Find(name).Caption, svg.Root.Element(ns + "desc")!.Value);
        Assert.All(svg.Descendants().Attributes("id"), id => Assert.StartsWith(name, id.Value));
    }

    [Theory, MemberData(nameof(Names))]
    public void No_coordinate_is_other_than_a_finite_number(string name)
    {
        string svg = Find(name).ToSvg();
        Assert.DoesNotContain("NaN", svg);
        Assert.DoesNotContain("Infinity", svg);
        Assert.DoesNotContain("∞", svg);
    }

    [Fact]
    public void Markup_in_the_name_of_a_run_stays_text()
    {
        ScalingPoint[] points = [.. SmallStudy.Points().Select(p => p with { Run = SmallStudy.HostileName })];
        LossCurve[] curves = [new(SmallStudy.HostileName, 1e6, [(1e12, 3)]), .. SmallStudy.Curves()];
        foreach (Figure figure in new Figure[] { new FittedSurface(points, SmallStudy.Law), new Residuals(points, SmallStudy.Law), new LossCurves(curves) })
        {
            XDocument svg = XDocument.Parse(figure.ToSvg());
            Assert.DoesNotContain(svg.Descendants(), e => e.Name.LocalName is "script" or "b");
            Assert.Contains(svg.Descendants(), e => e.Name.LocalName == "title" && e.Value.Contains("</script><b>run</b> & \"quoted\"", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Tabs_and_line_ends_in_a_name_do_not_break_the_table_of_data()
    {
        var figure = new Residuals([new ScalingPoint("a\tb\nc", 1e6, 1e7, 6e13, 3)], SmallStudy.Law);
        Assert.StartsWith("a b c\t", figure.ToTsv().Split('\n')[1], StringComparison.Ordinal);
    }

    private static Figure Find(string name) => SmallStudy.Figures().Single(f => f.Name == name);
}
