using System.ComponentModel;
using System.Diagnostics;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Plotting.Files;

/// <summary>Pictures by rsvg-convert of librsvg, where the machine has it.</summary>
internal static class RsvgConvert
{
    /// <summary>Makes the picture beside the SVG file.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="UserErrorException">There is no rsvg-convert, or it failed.</exception>
    public static string Convert(string svg, PictureFormat format)
    {
        string picture = Path.ChangeExtension(svg, format == PictureFormat.Png ? ".png" : ".pdf");
        string[] arguments = format == PictureFormat.Png ? ["--format", "png", "--zoom", "2"] : ["--format", "pdf"];
        var start = new ProcessStartInfo("rsvg-convert", [.. arguments, "--output", picture, svg]) { RedirectStandardError = true, UseShellExecute = false };
        try
        {
            using Process process = Process.Start(start)!;
            string said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new UserErrorException(ExitCode.Disk, new Diagnostic("SL0711", $"rsvg-convert could not make '{picture}': {said.Trim()}", null, "the SVG file is there"));
        }
        catch (Win32Exception) // not found
        {
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0710", "PNG and PDF need the program rsvg-convert, which this machine lacks", null, "install it (Debian, Ubuntu: apt-get install librsvg2-bin); the SVG files are written"));
        }

        return picture;
    }
}
