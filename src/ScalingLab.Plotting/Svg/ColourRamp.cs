using System.Globalization;

namespace ScalingLab.Plotting.Svg;

/// <summary>Colours for an ordered quantity such as model size: small is dark violet, large is green.</summary>
/// <remarks>
/// Viridis (Smith and van der Walt 2015, released as CC0), whose lightness rises evenly and which reads under colour-vision deficiencies.
/// On white the pale yellow end is left out, on dark ground the dark violet end.
/// </remarks>
internal static class ColourRamp
{
    /// <summary>Steps of the ramp; more could not be told apart.</summary>
    public const int Steps = 24;

    private static readonly (int R, int G, int B)[] Viridis =
    [
        (0x44, 0x01, 0x54), (0x48, 0x24, 0x75), (0x41, 0x44, 0x87), (0x35, 0x5f, 0x8d), (0x2a, 0x78, 0x8e), (0x21, 0x91, 0x8c),
        (0x22, 0xa8, 0x84), (0x44, 0xbf, 0x70), (0x7a, 0xd1, 0x51), (0xbd, 0xdf, 0x26), (0xfd, 0xe7, 0x25),
    ];

    private static readonly Paint[] Paints = [.. Enumerable.Range(0, Steps).Select(Make)];

    /// <summary>The paint at a place from 0 (small) to 1 (large); places outside are clamped, NaN is the middle.</summary>
    public static Paint At(double place)
    {
        double clamped = double.IsNaN(place) ? 0.5 : Math.Clamp(place, 0, 1);
        return Paints[Math.Min(Steps - 1, (int)(clamped * Steps))];
    }

    private static Paint Make(int step)
    {
        double place = (double)step / (Steps - 1);
        return new Paint("r" + step.ToString(CultureInfo.InvariantCulture), Colour(0.8 * place), Colour(0.3 + 0.7 * place));
    }

    private static string Colour(double place)
    {
        double scaled = place * (Viridis.Length - 1);
        int below = Math.Min((int)scaled, Viridis.Length - 2);
        double share = scaled - below;
        (int R, int G, int B) a = Viridis[below], b = Viridis[below + 1];
        int Mix(int from, int to) => (int)Math.Round(from + share * (to - from));
        return string.Create(CultureInfo.InvariantCulture, $"#{Mix(a.R, b.R):x2}{Mix(a.G, b.G):x2}{Mix(a.B, b.B):x2}");
    }
}
