namespace ScalingLab.Plotting.Svg;

/// <summary>Colours of a figure.</summary>
public enum Theme
{
    /// <summary>Light, and dark on screens that ask for it: one file for both.</summary>
    Automatic,

    /// <summary>Light everywhere: for paper.</summary>
    Light,

    /// <summary>Dark everywhere: for slides, and for pictures, which cannot ask the screen.</summary>
    Dark,
}
