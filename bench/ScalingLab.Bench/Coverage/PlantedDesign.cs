using ScalingLab.Core.Runs;
using ScalingLab.Laws;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Bench.Coverage;

/// <summary>A way to plan runs and the noise that their losses carry; every data set is a function of its number.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Says">What it is like.</param>
/// <param name="LargestFlops">C of the dearest run that the design can make.</param>
/// <param name="Rows">The runs of one data set.</param>
/// <param name="NoiseSd">Standard deviation of ln loss of one observation at a cost.</param>
/// <param name="Deviate">One deviate of unit scale, as the design has it.</param>
public sealed record PlantedDesign(string Name, string Says, double LargestFlops, Func<RandomStreamBox, IEnumerable<Observation>> Rows, Func<double, double> NoiseSd, Func<RandomStreamBox, double> Deviate)
{
    /// <summary>Near the refit of Besiroglu et al. 2024, arXiv:2404.10102.</summary>
    public static readonly ChinchillaLaw Law = new(1.8, 480, 2100, 0.35, 0.37);

    private const double Sd = 0.007; // Typical residual of the published Chinchilla runs: .3 % in the median.
    private static readonly double ScatteredTop = 1e18 * Math.Pow(10, 3.5);

    /// <summary>All designs.</summary>
    public static readonly IReadOnlyList<PlantedDesign> All =
    [
        Scattered("scattered", "240 runs scattered over 1e18 to 3e21 FLOPs and 2 to 200 tokens a parameter, normal noise of 0.7 %", 240, _ => Sd, r => r.Normal()),
        Scattered("scattered-60", "the same with 60 runs", 60, _ => Sd, r => r.Normal()),
        Scattered("heavy", "240 scattered runs, noise of Student's t with 3 degrees of freedom, scale 0.7 %", 240, _ => Sd, r => r.Student3()),
        Scattered("uneven", "240 scattered runs, normal noise of 1.2 % at 1e18 FLOPs that falls as C^-0.2", 240, c => 0.012 * Math.Pow(c / 1e18, -0.2), r => r.Normal()),
        Trunks("trunks-12", "12 sizes from 1e7 to 1e9, each one run evaluated at 3 token counts (36 observations); half of the 0.7 % of noise is the run's", 12, 3),
        Trunks("trunks-24", "24 sizes, 5 token counts each (120 observations)", 24, 5),
    ];

    /// <summary>A data set by its number.</summary>
    public List<Observation> DataSet(int number) => [.. Rows(new RandomStreamBox(20_261_122, number))];

    private static PlantedDesign Scattered(string name, string says, int runs, Func<double, double> sd, Func<RandomStreamBox, double> deviate) =>
        new(name, says, ScatteredTop, random => Enumerable.Range(0, runs).Select(i =>
        {
            double flops = 1e18 * Math.Pow(ScatteredTop / 1e18, random.Unit()), ratio = 2 * Math.Pow(100, random.Unit());
            double n = Math.Sqrt(flops / 6 / ratio);
            return Run($"run{i}", n, n * ratio, sd(flops) * deviate(random));
        }), sd, deviate);

    private static PlantedDesign Trunks(string name, string says, int sizes, int lengths) =>
        new(name, says, 6 * 1e9 * 1e9 * 2 * Math.Pow(10, 2), random => Enumerable.Range(0, sizes).SelectMany(g =>
        {
            double n = Math.Pow(10, 7 + 2.0 * g / (sizes - 1)), shared = random.Normal();
            return Enumerable.Range(0, lengths).Select(j => Run($"trunk{g}", n, 2 * n * Math.Pow(100, (double)j / (lengths - 1)), Sd * Math.Sqrt(0.5) * (shared + random.Normal()))).ToArray();
        }), _ => Sd, r => r.Normal());

    private static Observation Run(string name, double n, double d, double noise) => new() { Run = name, ParametersTotal = n, Tokens = d, Loss = Law.Loss(n, d).Value * Math.Exp(noise) };
}

/// <summary>A random stream that is handed on by reference.</summary>
public sealed class RandomStreamBox(long seed, int stream)
{
    private RandomStream random = new(seed, stream);

    /// <summary>Uniform.</summary>
    public double Unit() => random.NextUnit();

    /// <summary>Standard normal.</summary>
    public double Normal() => random.NextNormal();

    /// <summary>Student's t with three degrees of freedom.</summary>
    public double Student3()
    {
        double z = Normal(), a = Normal(), b = Normal(), c = Normal();
        return z / Math.Sqrt((a * a + b * b + c * c) / 3);
    }
}
