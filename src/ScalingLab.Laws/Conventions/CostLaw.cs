using ScalingLab.Core.Units;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Conventions;

/// <summary>What a token costs a model of N parameters: C/D = k·N^s.</summary>
/// <remarks>
/// s is 1 when C = 6·N·D with the N that the law is of. Where C counts other parameters than N does, s is not 1, and the exponents of the
/// optimum move with it. To first order in ln N this is the correction of Porian et al. 2024 (arXiv:2406.19146, Sec. 3) for the head's FLOPs.
/// </remarks>
/// <param name="Coefficient">k.</param>
/// <param name="Exponent">s.</param>
/// <param name="WorstDeparture">Largest relative departure of a model's C/D from the law.</param>
public sealed record CostLaw(double Coefficient, double Exponent, double WorstDeparture)
{
    /// <summary>Least squares of ln(C/D) on ln N, each distinct N once; s = 1 where all have one N.</summary>
    public static CostLaw Of(FitPoints points)
    {
        if (!points.FlopsFromColumn)
            return new(ChinchillaLaw.SixNd, 1, 0);
        (double X, double Y)[] models = [.. Enumerable.Range(0, points.Count).GroupBy(i => points.Parameters[i])
            .Select(g => (Math.Log(g.Key), g.Average(i => Math.Log(points.Flops[i] / points.Tokens[i]))))];
        double x = models.Average(m => m.X), y = models.Average(m => m.Y), spread = models.Sum(m => (m.X - x) * (m.X - x));
        double s = spread > 0 ? models.Sum(m => (m.X - x) * (m.Y - y)) / spread : 1;
        double lnK = y - s * x;
        return new(Math.Exp(lnK), s, models.Max(m => Math.Exp(Math.Abs(m.Y - lnK - s * m.X)) - 1));
    }

    /// <summary>a of N_opt ∝ C^a: β/(α + s·β). At s = 1 that of Hoffmann et al. 2022, Eq. 4.</summary>
    public double ExponentN(ChinchillaLaw law) => law.Beta / (law.Alpha + Exponent * law.Beta);

    /// <summary>b of D_opt ∝ C^b: α/(α + s·β) = 1 − s·a.</summary>
    public double ExponentD(ChinchillaLaw law) => law.Alpha / (law.Alpha + Exponent * law.Beta);

    /// <summary>The (N, D) of least loss at a cost: N = (α·A/(s·β·B))^(1/(α + s·β))·(C/k)^a, D = C/(k·N^s).</summary>
    /// <returns>NaN or infinite parts when A, B, α, β or s is not above 0.</returns>
    public Allocation ComputeOptimal(ChinchillaLaw law, Flops budget)
    {
        double g = Math.Pow(law.Alpha * law.A / (Exponent * law.Beta * law.B), 1 / (law.Alpha + Exponent * law.Beta));
        double n = g * Math.Pow(budget.Count / Coefficient, ExponentN(law));
        return new(n, budget.Count / (Coefficient * Math.Pow(n, Exponent)));
    }
}
