using System.Security.Cryptography;
using System.Text;

namespace ScalingLab.Plotting.Report;

/// <summary>The page's script and the policy that allows it, and plotly, and nothing else.</summary>
internal static class ReportScript
{
    /// <summary>What the element holds, markers included that make it text for XML readers.</summary>
    private static readonly string Code = "//<![CDATA[\n" + Resource() + "//]]>";

    /// <summary>Scripts run only when their text has one of these hashes; every address, frame and form is refused. Blobs are pictures that a reader saves.</summary>
    public static string ContentPolicy(PlotlyBundle? plotly) =>
        $"default-src 'none'; script-src '{HashOf(Encoding.UTF8.GetBytes(Code))}'{(plotly is null ? "" : $" '{plotly.Hash}'")}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'";

    /// <summary>The bundle, as text that no browser runs, and the script.</summary>
    public static void Write(Html html, PlotlyBundle? plotly)
    {
        if (plotly is not null)
            html.Raw($"<script type=\"application/gzip\" id=\"plotly\">{plotly.Base64}</script>");
        html.Raw($"<script>{Code}</script>");
    }

    /// <summary>A hash as a policy writes it.</summary>
    public static string HashOf(byte[] text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(text));

    private static string Resource()
    {
        using Stream stream = typeof(ReportScript).Assembly.GetManifestResourceStream("report.js")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().Replace("\r\n", "\n", StringComparison.Ordinal);
    }
}
