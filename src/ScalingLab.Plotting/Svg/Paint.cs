namespace ScalingLab.Plotting.Svg;

/// <summary>A colour with a name and its counterpart for dark screens.</summary>
/// <param name="Name">Class under which the dark counterpart is switched in.</param>
/// <param name="Light">On white: screens in light mode, paper, and every viewer that knows no style sheets.</param>
/// <param name="Dark">On the dark ground.</param>
internal sealed record Paint(string Name, string Light, string Dark)
{
    /// <summary>Ground of the figure.</summary>
    public static readonly Paint Ground = new("ground", "#ffffff", "#15181c");

    /// <summary>Titles and symbols.</summary>
    public static readonly Paint Ink = new("ink", "#1d2126", "#e8eaed");

    /// <summary>Tick labels and notes.</summary>
    public static readonly Paint Muted = new("muted", "#565d66", "#a4abb4");

    /// <summary>Axis lines.</summary>
    public static readonly Paint Axis = new("axis", "#8a9099", "#6d747d");

    /// <summary>Grid lines at labelled ticks.</summary>
    public static readonly Paint Grid = new("grid", "#e3e6ea", "#2b3036");

    /// <summary>Grid lines between them.</summary>
    public static readonly Paint Faint = new("faint", "#f2f4f6", "#20242a");

    // Okabe and Ito 2008, "Color Universal Design": distinct under the common colour-vision deficiencies. Dark counterparts are lightened.

    /// <summary>First category.</summary>
    public static readonly Paint Blue = new("blue", "#0072b2", "#4fb0e8");

    /// <summary>Second category; also what calls for attention.</summary>
    public static readonly Paint Vermillion = new("vermillion", "#d55e00", "#ff8a3d");

    /// <summary>Third category.</summary>
    public static readonly Paint Green = new("green", "#009e73", "#2fc79c");

    /// <summary>Fourth category.</summary>
    public static readonly Paint Purple = new("purple", "#b8628f", "#e29ac2");
}
