using ScalingLab.Core.Runs;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests;

/// <summary>Runs made from a known law with known noise.</summary>
internal static class PlantedRuns
{
    public static readonly ChinchillaLaw Law = new(1.8, 480, 2100, 0.35, 0.37);

    /// <summary>A grid of sizes × token counts from 10^7 to 10^9.5 parameters and 10^8.5 to 10^11 tokens.</summary>
    /// <param name="noise">Standard deviation of ln loss.</param>
    /// <param name="seed">Seed of the noise.</param>
    public static FitPoints Grid(ChinchillaLaw law, double noise, int seed, int sizes = 8, int lengths = 8) => FitPoints.From(Observations(law, noise, seed, sizes, lengths));

    public static List<Observation> Observations(ChinchillaLaw law, double noise, int seed, int sizes = 8, int lengths = 8)
    {
        var random = new RandomStream(seed, 0);
        var rows = new List<Observation>();
        for (int i = 0; i < sizes; i++)
        {
            for (int j = 0; j < lengths; j++)
            {
                double n = Math.Pow(10, 7 + 2.5 * i / (sizes - 1)), d = Math.Pow(10, 8.5 + 2.5 * j / (lengths - 1));
                rows.Add(new Observation
                {
                    Run = $"n{i}-d{j}",
                    ParametersTotal = n,
                    Tokens = d,
                    Loss = law.Loss(n, d).Value * Math.Exp(noise * random.NextNormal()),
                });
            }
        }
        return rows;
    }
}
