using ScalingLab.Core.Runs;
using ScalingLab.Core.Tables;
using ScalingLab.Core.Units;
using ScalingLab.Laws;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Cli.Benchmarks;

/// <summary>240 observations of a known Chinchilla law with 1 % noise, as many as the Chinchilla runs that Besiroglu et al. 2024 (arXiv:2404.10102) refit.</summary>
internal static class PlantedFitData
{
    private const int Count = 240, Budgets = 12, Sizes = 20;
    private const double Noise = 0.01;
    private const double BatchTokens = 5e5;
    private static readonly ChinchillaLaw Law = new(1.8, 480, 2100, 0.35, 0.37);

    /// <summary>Single runs: 12 budgets from 1e18 to 1e22 FLOPs, 20 sizes within a factor of 8 of each optimum.</summary>
    public static ObservationTable Profiles() => Table((i, j) =>
    {
        double c = 1e18 * Math.Pow(10, 4.0 * i / (Budgets - 1)), n = Law.ComputeOptimal(new Flops(c)).Parameters * Math.Pow(8, -1 + 2.0 * j / (Sizes - 1));
        return ($"b{i}-n{j}", n, c / (ChinchillaLaw.SixNd * n));
    });

    /// <summary>Training curves: 20 sizes from 1e7 to 1e10, each seen at 12 token counts from 3e8 to 1e11.</summary>
    public static ObservationTable Curves() => Table((i, j) => ($"n{j}", Math.Pow(10, 7 + 3.0 * j / (Sizes - 1)), 3e8 * Math.Pow(333, i / (Budgets - 1.0))));

    private static ObservationTable Table(Func<int, int, (string Run, double N, double D)> at)
    {
        var random = new RandomStream(Count, 0);
        var rows = new List<Observation>(Count);
        for (int i = 0; i < Budgets; i++)
        {
            for (int j = 0; j < Sizes; j++)
            {
                (string run, double n, double d) = at(i, j);
                rows.Add(new Observation
                {
                    Run = run,
                    ParametersTotal = n,
                    ParametersNonEmbedding = n,
                    Tokens = d,
                    UniqueTokens = Math.Min(d, 2e9),
                    Flops = ChinchillaLaw.SixNd * n * d,
                    Steps = d / BatchTokens,
                    BatchTokens = BatchTokens,
                    Loss = Law.Loss(n, d).Value * Math.Exp(Noise * random.NextNormal()),
                });
            }
        }
        return new ObservationTable { Source = "planted", Rows = rows };
    }
}
