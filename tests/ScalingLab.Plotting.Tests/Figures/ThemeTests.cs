using ScalingLab.Plotting.Figures;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Tests.Figures;

public class ThemeTests
{
    [Fact]
    public void Dark_and_light_hold_one_set_of_colours_and_automatic_both()
    {
        Figure figure = SmallStudy.Figures()[0];
        Assert.DoesNotContain(Paint.Ground.Light, figure.ToSvg(Theme.Dark));
        Assert.DoesNotContain(Paint.Ground.Dark, figure.ToSvg(Theme.Light));
        Assert.Contains(Paint.Ground.Light, figure.ToSvg());
        Assert.Contains(Paint.Ground.Dark, figure.ToSvg());
        Assert.Equal(figure.ToSvg(Theme.Light).Length, figure.ToSvg(Theme.Dark).Length);
    }
}
