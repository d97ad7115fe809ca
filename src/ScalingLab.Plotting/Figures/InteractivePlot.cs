using System.Text.Json;
using System.Text.Json.Serialization;
using ScalingLab.Plotting.Svg;

namespace ScalingLab.Plotting.Figures;

/// <summary>A figure as data for the report's script, which draws it with plotly: hover, zoom, and series that can be switched off.</summary>
/// <remarks>Text is plotly's own markup, in which names from outside are escaped.</remarks>
internal sealed class InteractivePlot
{
    private readonly List<PanelData> panels = [];
    private readonly List<SeriesData> series = [];

    /// <summary>A pair of axes, left to right.</summary>
    public InteractivePlot Panel(RichText x, RichText y, bool logX = true, bool logY = true)
    {
        panels.Add(new(x.ToHtml(), y.ToHtml(), logX, logY));
        return this;
    }

    /// <summary>Points or a line in the newest panel.</summary>
    /// <param name="name">Entry of the legend; an empty one is not listed.</param>
    /// <param name="kind">How it is drawn.</param>
    /// <param name="paint">Colour.</param>
    /// <param name="points">Points; those that are not finite break a line.</param>
    /// <param name="hover">What hovering shows at each point; null for its coordinates.</param>
    public InteractivePlot Series(string name, SeriesKind kind, Paint paint, IEnumerable<(double X, double Y)> points, IEnumerable<string>? hover = null)
    {
        (double X, double Y)[] all = [.. points];
        series.Add(new(panels.Count - 1, XmlText.Escape(name), kind.ToString().ToLowerInvariant(), paint.Light, paint.Dark, [.. all.Select(p => Finite(p.X))], [.. all.Select(p => Finite(p.Y))], hover?.Select(XmlText.Escape).ToArray()));
        return this;
    }

    /// <summary>The area between two lines in the newest panel.</summary>
    public InteractivePlot Band(Paint paint, IReadOnlyList<(double X, double Low, double High)> band) => band.Count == 0 ? this :
        Series("", SeriesKind.Band, paint, [.. band.Select(b => (b.X, b.Low)), .. band.Reverse().Select(b => (b.X, b.High))]);

    /// <summary>As JSON that can stand in a page: no character of markup is left in it.</summary>
    public string ToJson() => JsonSerializer.Serialize(new PlotData([.. panels], [.. series]), InteractiveJson.Default.PlotData);

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>How a series is drawn.</summary>
internal enum SeriesKind
{
    Line,
    Dashed,
    Dots,
    Rings,
    Diamonds,
    Band,
}

/// <summary>Axes of one panel; labels in plotly's markup.</summary>
internal sealed record PanelData(string X, string Y, bool LogX, bool LogY);

/// <summary>One series; null coordinates are gaps.</summary>
internal sealed record SeriesData(int Panel, string Name, string Kind, string Light, string Dark, double?[] X, double?[] Y, string[]? Hover);

/// <summary>All of a plot.</summary>
internal sealed record PlotData(PanelData[] Panels, SeriesData[] Series);

/// <summary>Serialisation generated at build time; the default encoder writes &lt;, &gt; and &amp; as \u escapes.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlotData))]
internal sealed partial class InteractiveJson : JsonSerializerContext;
