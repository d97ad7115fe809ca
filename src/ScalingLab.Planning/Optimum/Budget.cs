using ScalingLab.Planning.Training;

namespace ScalingLab.Planning.Optimum;

/// <summary>Turns what a budget is stated in into training FLOPs.</summary>
public static class Budget
{
    /// <summary>FLOPs that an amount of rent buys.</summary>
    public static double FromUsd(double usd, double usdPerHour, CostRates rates) => FromHours(usd / usdPerHour, rates);

    /// <summary>FLOPs of so many accelerator-hours.</summary>
    public static double FromHours(double hours, CostRates rates) => hours * 3600 * rates.Achieved.Value;

    /// <summary>FLOPs that an energy at the meter of the building drives.</summary>
    public static double FromEnergy(double kwh, CostRates rates) => FromHours(kwh / rates.KwhPerHour, rates);

    /// <summary>The budget whose compute-optimal model has so many parameters: Hoffmann et al. 2022, arXiv:2203.15556, Eq. 4 the other way round.</summary>
    public static double FromQuality(LossSurface surface, double parameters, double flopsPerParameterToken) => flopsPerParameterToken * parameters * DataFor(surface, parameters);

    // N = G·(D·G)^(β/α) solved for D.
    private static double DataFor(LossSurface surface, double parameters)
    {
        var law = surface.Law;
        double g = Math.Pow(law.Alpha * law.A / (law.Beta * law.B), 1 / (law.Alpha + law.Beta));
        return Math.Pow(parameters / g, law.Alpha / law.Beta) / g;
    }
}
