using MathNet.Numerics.Distributions;

namespace ScalingLab.Laws.Intervals;

/// <summary>What the deviance of a profile is measured against.</summary>
public enum ProfileCriterion
{
    /// <summary>The likelihood that the objective stands for, taken at its word: observations are independent and their noise has its density.</summary>
    Likelihood,

    /// <summary>The same deviance, divided by what the spread of the clusters' scores says it is too large by: see <see cref="Sandwich"/>.</summary>
    Robust,
}

/// <summary>How far the deviance may rise within an interval.</summary>
public static class CriticalDeviance
{
    /// <summary>n·ln(1 + t²/(n − p)), t being Student's quantile with n − p degrees of freedom: exact for a linear law with normal noise, and chi-square's with one degree (Wilks 1938, doi:10.1214/aoms/1177732360) when n is large.</summary>
    /// <param name="level">Share of intervals that shall hold the truth, above 0 and below 1.</param>
    /// <param name="observations">n.</param>
    /// <param name="freeParameters">p.</param>
    /// <returns>Null when there is no degree of freedom left.</returns>
    public static double? Likelihood(double level, int observations, int freeParameters)
    {
        int freedom = observations - freeParameters;
        if (freedom < 1)
            return null;
        double t = Student(level, freedom);
        return observations * Math.Log(1 + t * t / freedom);
    }

    /// <summary>Student's t² with as many degrees of freedom as there are clusters less one, times a dispersion: Chandler and Bate 2007, doi:10.1093/biomet/asm015, scale an independence likelihood so.</summary>
    /// <param name="level">Share of intervals that shall hold the truth.</param>
    /// <param name="clusters">Clusters.</param>
    /// <param name="observations">n.</param>
    /// <param name="freeParameters">p.</param>
    /// <param name="dispersion">Variance by the sandwich over variance by the likelihood.</param>
    public static double? Robust(double level, int clusters, int observations, int freeParameters, double dispersion)
    {
        int freedom = Math.Min(clusters - 1, observations - freeParameters);
        return freedom < 1 ? null : dispersion * Math.Pow(Student(level, freedom), 2);
    }

    private static double Student(double level, int freedom) => StudentT.InvCDF(0, 1, freedom, (1 + level) / 2);
}
