namespace ScalingLab.Plotting.Svg;

/// <summary>Widths of text, so that labels can be laid out without a font at hand.</summary>
/// <remarks>Advance widths of Helvetica (Adobe font metrics, 1/1000 em); Arial and Liberation Sans have the same.</remarks>
internal static class FontMetrics
{
    /// <summary>First choice first; the last is what every system has.</summary>
    public const string Family = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";

    private static readonly short[] Ascii =
    [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // space to /
        556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
        1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
        667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
        333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
        556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
    ];

    /// <summary>Width in pixels at a font size; characters outside ASCII count as 0.6 em, wide scripts as 1 em.</summary>
    public static double Width(string text, double size)
    {
        double thousandths = 0;
        foreach (char c in text)
            thousandths += c is >= ' ' and <= '~' ? Ascii[c - ' '] : c >= '\u2e80' ? 1000 : 600;
        return thousandths * size / 1000;
    }

    /// <summary>The text, cut with an ellipsis when it is wider than <paramref name="pixels"/>.</summary>
    public static string Fit(string text, double size, double pixels)
    {
        if (Width(text, size) <= pixels)
            return text;
        int kept = text.Length;
        while (kept > 0 && Width(text[..kept] + "\u2026", size) > pixels)
            kept--;
        return text[..kept].TrimEnd() + "\u2026";
    }
}
