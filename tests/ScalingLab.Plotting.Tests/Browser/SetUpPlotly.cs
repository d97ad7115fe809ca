using System.Runtime.CompilerServices;
using ScalingLab.Plotting.Report;

namespace ScalingLab.Plotting.Tests.Browser;

/// <summary>The library that set-up left beside the program.</summary>
internal static class SetUpPlotly
{
    public static PlotlyBundle? Find([CallerFilePath] string here = "") => PlotlyBundle.Find(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../artifacts/app")));
}
