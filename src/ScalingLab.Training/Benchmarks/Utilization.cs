namespace ScalingLab.Training.Benchmarks;

/// <summary>How much of a device's products a training step keeps busy.</summary>
public static class Utilization
{
    /// <summary>Model FLOPs utilization: FLOPs a second that the model needs, over the device's peak. Recomputation does not count as needed.</summary>
    /// <param name="flopsPerStep">Forward and backward of one step, by the exact count of its products.</param>
    /// <param name="secondsPerStep">Above 0.</param>
    /// <param name="peakFlopsPerSecond">Peak of the device, or of as many threads as the step ran on: measured, or stated by its maker; null when unknown.</param>
    /// <returns>A share, 1 at the peak; null without a peak.</returns>
    /// <remarks>Chowdhery et al. 2022 (PaLM), arXiv:2204.02311, Appendix B, over whichever peak is given: the benchmarks print the share of a measured one and of the data sheet's.</remarks>
    public static double? Mfu(double flopsPerStep, double secondsPerStep, double? peakFlopsPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(secondsPerStep);
        return peakFlopsPerSecond is > 0 and { } peak ? flopsPerStep / secondsPerStep / peak : null;
    }
}
