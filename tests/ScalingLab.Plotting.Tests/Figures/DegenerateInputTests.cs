using System.Xml.Linq;
using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Tests.Figures;

public class DegenerateInputTests
{
    [Fact]
    public void Without_observations_each_figure_says_what_is_missing()
    {
        foreach (Figure figure in Of([], []))
        {
            Assert.Matches("^(No|There is no) ", figure.Caption);
            Assert.Contains("Not drawn", figure.ToSvg());
            Assert.Single(figure.ToTsv().TrimEnd().Split('\n'));
        }
    }

    public static TheoryData<double, double, double> Oddities => new()
    {
        { double.NaN, double.NaN, double.NaN },
        { 1e6, 1e7, double.PositiveInfinity },
        { 0, 1e7, 3 },
        { -5, -1, -3 },
        { 1e-300, 1e-300, 1e-300 },
        { 1e300, 1e300, 1e300 },
        { 5e-324, 5e-324, 5e-324 },
        { 1e6, 1e7, 3 },
    };

    [Theory, MemberData(nameof(Oddities))]
    public void One_odd_point_or_many_equal_ones_never_crash(double n, double d, double loss)
    {
        foreach (int count in new[] { 1, 2, 40 })
        {
            ScalingPoint[] points = [.. Enumerable.Repeat(new ScalingPoint("odd", n, d, 6 * n * d, loss), count)];
            Check(Of(points, SmallStudy.Curves()));
            Check(Of([.. points, .. SmallStudy.Points()], [new LossCurve("odd", n, [.. Enumerable.Repeat((d, loss), count)], true), .. SmallStudy.Curves()]));
        }
    }

    [Fact]
    public void A_law_that_gives_no_number_leaves_the_observations_visible()
    {
        Check([new FittedSurface(SmallStudy.Points(), (_, _) => double.NaN), new Residuals(SmallStudy.Points(), (_, _) => double.NaN)]);
        Assert.Contains("<circle", new FittedSurface(SmallStudy.Points(), (_, _) => double.NaN).ToSvg());
    }

    [Fact]
    public void Diverged_runs_are_counted_in_the_caption()
    {
        ScalingPoint[] points = [.. SmallStudy.Points(), new("gone", 1e6, 1e7, 6e13, double.NaN)];
        Assert.Contains("1 row without a finite loss", new FittedSurface(points, SmallStudy.Law).Caption);
        Assert.Contains("1 run without a finite loss is not drawn", new LossCurves([.. SmallStudy.Curves(), new("gone", 1e6, [(1e12, double.NaN)], true)]).Caption);
    }

    [Fact]
    public void Thousands_of_runs_make_figures_of_a_few_megabytes()
    {
        var random = new Random(1);
        ScalingPoint[] points = [.. Enumerable.Range(0, 20_000).Select(i => new ScalingPoint($"run-{i}", Math.Pow(10, 5 + 4 * random.NextDouble()), Math.Pow(10, 7 + 3 * random.NextDouble()), 1e15 * (i + 1), 3 + random.NextDouble()))];
        LossCurve[] curves = [.. points.Take(5000).Select(p => new LossCurve(p.Run, p.Parameters, [.. Enumerable.Range(1, 100).Select(i => (p.Flops!.Value * i / 100, p.Loss * (1 + 1.0 / i)))]))];
        Assert.All(Of(points, curves), f => Assert.InRange(f.ToSvg().Length, 1, 3_000_000));
        Assert.Contains("400 of 5000 curves", new LossCurves(curves).Caption);
    }

    private static IReadOnlyList<Figure> Of(IReadOnlyList<ScalingPoint> points, IReadOnlyList<LossCurve> curves)
    {
        IsoFlopProfile[] profiles = [.. points.GroupBy(p => p.Flops).Select(g => new IsoFlopProfile(g.Key ?? 0, [.. g.Select(p => (p.Parameters ?? 0, p.Loss))], _ => double.NaN, null))];
        OptimumPoint[] optima = [.. points.Select(p => new OptimumPoint(p.Flops ?? 0, p.Parameters ?? 0, p.Tokens ?? 0, p.Loss, (p.Loss, p.Parameters ?? 0)))];
        return [new FittedSurface(points, SmallStudy.Law), new Residuals(points, SmallStudy.Law), new IsoFlopProfiles(profiles), new ComputeOptimal(optima, (1e12, 1e14), (0.5, 0.5), optima), new LossCurves(points.Count == 0 ? [] : curves)];
    }

    private static void Check(IEnumerable<Figure> figures)
    {
        foreach (Figure figure in figures)
        {
            string svg = figure.ToSvg();
            XDocument.Parse(svg);
            Assert.DoesNotContain("NaN", svg);
            Assert.DoesNotContain("Infinity", svg);
            Assert.NotEmpty(figure.ToTsv());
        }
    }
}
