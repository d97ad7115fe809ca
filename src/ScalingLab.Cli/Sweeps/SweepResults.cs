namespace ScalingLab.Cli.Sweeps;

/// <summary>Fits the laws to a finished sweep and writes its report.</summary>
internal static class SweepResults
{
    public static void FitAndReport(string folder, bool json)
    {
    }
}
