using ScalingLab.Planning.Training;

namespace ScalingLab.Planning.Optimum;

/// <summary>A budget in training FLOPs, and how it came to be that many.</summary>
/// <param name="Flops">C.</param>
/// <param name="Band">C over the spread of utilisation and rent; null where there is none.</param>
/// <param name="Assumptions">What turned money, hours or energy into FLOPs; none for FLOPs.</param>
public sealed record Budget(double Flops, double[]? Band, IReadOnlyList<string> Assumptions)
{
    /// <summary>FLOPs as they are.</summary>
    public static Budget FromFlops(double flops) => new(flops, null, []);

    /// <summary>FLOPs that an amount of rent buys; the rates must know the rent.</summary>
    public static Budget FromUsd(double usd, CostRates rates)
    {
        double price = rates.UsdPerHour!.Value;
        var (cheap, dear) = rates.UsdPerHourSpread ?? (price, price);
        return Of(FormattableString.Invariant($"{usd:0.###e0} USD"), rates, usd / price, usd / dear, usd / cheap, "rent");
    }

    /// <summary>FLOPs of so many accelerator-hours.</summary>
    public static Budget FromHours(double hours, CostRates rates) => Of(FormattableString.Invariant($"{hours:0.###e0} accelerator-hours"), rates, hours, hours, hours);

    /// <summary>FLOPs that an energy at the meter of the building drives; the rates must draw some.</summary>
    public static Budget FromEnergy(double kwh, CostRates rates)
    {
        double hours = kwh / rates.KwhPerHour;
        return Of(FormattableString.Invariant($"{kwh / 1000:0.###} MWh at {rates.KwhPerHour:0.####} kWh an accelerator-hour"), rates, hours, hours, hours, "accelerator power", "server power factor", "share of design power drawn", "PUE");
    }

    private static Budget Of(string amount, CostRates rates, double hours, double fewest, double most, params string[] used)
    {
        double perHour = 3600 * rates.Peak.Value;
        var (slow, fast) = rates.UtilizationSpread ?? (rates.Utilization, rates.Utilization);
        double[] band = [fewest * perHour * slow, most * perHour * fast];
        return new(hours * perHour * rates.Utilization, band[0] < band[1] ? band : null,
        [
            FormattableString.Invariant($"{amount} on {rates.Accelerator.Name} are {hours * perHour * rates.Utilization:0.###e0} FLOPs")
                + (band[0] < band[1] ? FormattableString.Invariant($", {band[0]:0.##e0} to {band[1]:0.##e0} over the spread of utilization and rent") : ""),
            .. rates.Assumptions.Where(a => a.Name.StartsWith("dense", StringComparison.Ordinal) || a.Name.StartsWith("utilization", StringComparison.Ordinal) || used.Contains(a.Name))
                .Select(a => FormattableString.Invariant($"{a.Name} {a.Value:G6} {a.Unit}").TrimEnd() + ": " + a.Source),
        ]);
    }

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
