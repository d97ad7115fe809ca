using System.ComponentModel;
using System.Diagnostics;
using ScalingLab.Plotting.Figures;
using ScalingLab.Plotting.Files;

namespace ScalingLab.Plotting.Tests.Figures;

public class GnuplotScriptTests
{
    [SkippableGnuplotFact]
    public void Gnuplot_draws_every_figure_again_without_a_word()
    {
        string folder = Directory.CreateTempSubdirectory("scalinglab-test-").FullName;
        try
        {
            IReadOnlyList<Figure> figures = SmallStudy.Figures();
            FigureFiles.Write(figures, folder);
            foreach (Figure figure in figures)
            {
                (int code, string said) = Gnuplot.Run(folder, figure.Name + ".gnuplot");
                Assert.True(code == 0 && said.Length == 0, $"{figure.Name}: exit {code}: {said}");
                string drawn = File.ReadAllText(Path.Combine(folder, figure.Name + ".gnuplot.svg"));
                Assert.Contains("</svg>", drawn);
                Assert.True(drawn.Split("<path").Length > 5 || drawn.Split("<use").Length > 3, figure.Name + " is empty");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Quotes_and_line_ends_of_names_do_not_end_the_string() => Assert.Equal("'it''s a  name'", GnuplotScript.Quoted("it's a\r\nname"));
}

/// <summary>The gnuplot of the machine.</summary>
internal static class Gnuplot
{
    public static (int Code, string Said) Run(string folder, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("gnuplot", arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true })!;
        string said = process.StandardError.ReadToEnd() + process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }

    public static bool Present()
    {
        try
        {
            return Run(Path.GetTempPath(), "--version").Code == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>A test that needs gnuplot, which set-up does not install.</summary>
internal sealed class SkippableGnuplotFactAttribute : FactAttribute
{
    public SkippableGnuplotFactAttribute() => Skip = Gnuplot.Present() ? null! : "gnuplot is not installed";
}
