namespace ScalingLab.Plotting.Files;

/// <summary>Formats that are made from a figure's SVG.</summary>
public enum PictureFormat
{
    /// <summary>Pixels, twice the figure's nominal size.</summary>
    Png,

    /// <summary>Vectors, for papers.</summary>
    Pdf,
}
