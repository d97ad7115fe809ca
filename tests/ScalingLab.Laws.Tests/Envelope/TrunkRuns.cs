using ScalingLab.Core.Runs;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests.Envelope;

/// <summary>Runs observed along the way, made from a known law.</summary>
internal static class TrunkRuns
{
    /// <summary>Sizes from 10^7 to 10^9 parameters, each observed from 3e8 to 2e11 tokens.</summary>
    public static List<Observation> Rows(ChinchillaLaw law, int sizes, double noise = 0, int seed = 5, double ratio = 1.9)
    {
        var random = new RandomStream(seed, 0);
        var rows = new List<Observation>();
        for (int i = 0; i < sizes; i++)
        {
            double n = 1e7 * Math.Pow(100, i / (sizes - 1.0));
            for (double d = 3e8; d < 2e11; d *= ratio)
                rows.Add(new Observation { Run = $"n{i}", ParametersTotal = n, Tokens = d, Flops = 6 * n * d, Loss = law.Loss(n, d).Value * Math.Exp(noise * random.NextNormal()) });
        }
        return rows;
    }

    public static FitPoints Points(ChinchillaLaw law, int sizes, double noise = 0, int seed = 5, double ratio = 1.9) => FitPoints.From(Rows(law, sizes, noise, seed, ratio));
}
