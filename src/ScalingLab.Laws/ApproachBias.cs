using ScalingLab.Core.Units;
using ScalingLab.Laws.IsoFlop;

namespace ScalingLab.Laws;

/// <summary>How far an approach that reads optima off losses errs on one's own grid when the losses follow a Chinchilla law exactly.</summary>
/// <param name="ExponentN">Exponent of N read off, less the law's own.</param>
/// <param name="ExponentD">Likewise of D.</param>
/// <param name="ParametersRatio">N read off at the largest budget that was used, over the law's own.</param>
/// <param name="ParametersRatioBeyond">Likewise at <see cref="Beyond"/> times that budget.</param>
/// <param name="Budgets">Budgets that took part, or points of an envelope.</param>
public sealed record ApproachBias(double ExponentN, double ExponentD, double ParametersRatio, double ParametersRatioBeyond, int Budgets)
{
    /// <summary>Extrapolation at which the second ratio is stated.</summary>
    public const double Beyond = 100;

    /// <summary>What was read off set against the law.</summary>
    /// <param name="read">Power laws of N and D.</param>
    /// <param name="law">The law whose losses they were read off.</param>
    /// <param name="largest">Largest budget that was used, FLOPs.</param>
    /// <param name="flopsPerParameterToken">k in C = k·N·D.</param>
    /// <param name="budgets">Budgets that took part.</param>
    internal static ApproachBias Against(ChinchillaLaw law, (PowerLaw N, PowerLaw D) read, double largest, double flopsPerParameterToken, int budgets)
    {
        return new(read.N.Exponent - law.ExponentN, read.D.Exponent - law.ExponentD, Ratio(largest), Ratio(Beyond * largest), budgets);

        double Ratio(double flops) => read.N.At(flops) / law.ComputeOptimal(new Flops(flops), flopsPerParameterToken).Parameters;
    }
}
