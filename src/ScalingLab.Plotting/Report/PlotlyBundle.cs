using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace ScalingLab.Plotting.Report;

/// <summary>plotly.js, as set-up fetched it: compressed, to be carried inside a page.</summary>
public sealed partial class PlotlyBundle
{
    /// <summary>Name of the file that set-up leaves beside the program: plotly.js-cartesian-dist-min, gzipped.</summary>
    public const string FileName = "plotly-cartesian.min.js.gz";

    private PlotlyBundle(byte[] gzip, string version, string hash) => (Base64, Version, Hash) = (Convert.ToBase64String(gzip), version, hash);

    /// <summary>Version as the library states it.</summary>
    public string Version { get; }

    /// <summary>The gzipped code.</summary>
    internal string Base64 { get; }

    /// <summary>SHA-256 of the code, as a content security policy takes it.</summary>
    internal string Hash { get; }

    /// <summary>The bundle in a folder; null when it is not there or is not what it claims to be.</summary>
    public static PlotlyBundle? Find(string folder)
    {
        try
        {
            string path = Path.Combine(folder, FileName);
            return File.Exists(path) ? Read(File.ReadAllBytes(path)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException) // a report without plots that move is still a report
        {
            return null;
        }
    }

    private static PlotlyBundle? Read(byte[] gzip)
    {
        using var code = new MemoryStream();
        using (var stream = new GZipStream(new MemoryStream(gzip), CompressionMode.Decompress))
            stream.CopyTo(code);
        byte[] bytes = code.ToArray();
        Match version = VersionLine().Match(Encoding.UTF8.GetString(bytes, 0, Math.Min(bytes.Length, 400)));
        return version.Success ? new PlotlyBundle(gzip, version.Groups[1].Value, ReportScript.HashOf(bytes)) : null;
    }

    [GeneratedRegex(@"plotly\.js \(cartesian - minified\) v([0-9.]+)")]
    private static partial Regex VersionLine();
}
