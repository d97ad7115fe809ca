using MathNet.Numerics.Distributions;

namespace ScalingLab.Laws.Resampling;

/// <summary>Which share of the resamples an interval holds.</summary>
/// <remarks>
/// For resampled cases it is the level. A cluster bootstrap of G clusters is too narrow by √((G − 1)/G) and takes its spread for known, so the normal quantile that belongs
/// to the level is replaced by √(G/(G − 1)) times Student's with G − 1 degrees of freedom: Hesterberg 2015, doi:10.1080/00031305.2015.1089789, Sec. 3.3.
/// Measured in docs/laws.md: of 90 % intervals over 12 clusters 91 to 94 % hold the truth, against 87 to 92 % for plain percentiles. Over cases plain percentiles hold it in 91 to 95 %.
/// </remarks>
public static class CentralShare
{
    /// <summary>The share between the ends.</summary>
    /// <param name="level">Level of the interval, above 0 and below 1.</param>
    /// <param name="kind">What was resampled.</param>
    /// <param name="clusters">Clusters.</param>
    public static double Of(double level, BootstrapKind kind, int clusters)
    {
        if (kind != BootstrapKind.Cluster || clusters < 2)
            return level;
        double quantile = Math.Sqrt(clusters / (clusters - 1.0)) * StudentT.InvCDF(0, 1, clusters - 1, (1 + level) / 2);
        return 1 - 2 * Normal.CDF(0, 1, -quantile);
    }
}
