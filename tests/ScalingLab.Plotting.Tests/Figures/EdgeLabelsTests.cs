using ScalingLab.Plotting.Figures;

namespace ScalingLab.Plotting.Tests.Figures;

public class EdgeLabelsTests
{
    [Fact]
    public void Labels_that_do_not_overlap_stay_where_they_are() => Assert.Equal([10, 50, 90], EdgeLabels.Spread([10, 50, 90], 0, 100));

    [Fact]
    public void Labels_that_overlap_move_apart_by_a_line_about_their_middle() => Assert.Equal([36, 50, 64], EdgeLabels.Spread([50, 50, 50], 0, 100));

    [Fact]
    public void Labels_at_the_foot_of_a_panel_stay_inside_it()
    {
        double[] places = EdgeLabels.Spread([98, 99, 100], 0, 100);
        Assert.Equal([72, 86, 100], places);
    }
}
