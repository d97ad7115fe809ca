using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Units;
using ScalingLab.Planning.Reference;

namespace ScalingLab.Planning.Training;

/// <summary>What the user says about prices and power; whatever is null comes from the tables.</summary>
public sealed record CostOverrides
{
    /// <summary>Dense peak FLOP/s.</summary>
    public double? Peak { get; init; }

    /// <summary>Share of the peak that is reached.</summary>
    public double? Utilization { get; init; }

    /// <summary>Rent, USD an accelerator-hour.</summary>
    public double? UsdPerHour { get; init; }

    /// <summary>Purchase price of an accelerator with its share of the server, USD.</summary>
    public double? PurchaseUsd { get; init; }

    /// <summary>Electricity, USD a kWh.</summary>
    public double? UsdPerKwh { get; init; }

    /// <summary>Power of the accelerator itself, W.</summary>
    public double? Watts { get; init; }

    /// <summary>Power of a server over that of its accelerators.</summary>
    public double? ServerFactor { get; init; }

    /// <summary>Share of the design power that is drawn.</summary>
    public double? PowerShare { get; init; }

    /// <summary>Power of the building over that of its servers.</summary>
    public double? Pue { get; init; }

    /// <summary>Carbon, kg CO2e a kWh.</summary>
    public double? KgPerKwh { get; init; }

    /// <summary>Whether 8-bit arithmetic is used.</summary>
    public bool EightBit { get; init; }
}

/// <summary>Speed, prices and power of one accelerator at work, each number with its source.</summary>
public sealed record CostRates
{
    private const double EpochUtilization = 0.375;                       // median of 33 known runs: cost_analysis_standalone.py
    private static readonly (double, double) UtilizationHalf = (0.28, 0.44); // middle half of the same 33: Epoch AI, notable models
    private const double IndustrialUsdPerKwh = 0.0826;                   // USA 2025, the same file
    private const double HyperscalerPue = 1.1;                           // the same file; 1.25 elsewhere
    private const double WorldKgPerKwh = 0.475;

    /// <summary>The accelerator.</summary>
    public required Accelerator Accelerator { get; init; }

    /// <summary>Dense peak.</summary>
    public required FlopsPerSecond Peak { get; init; }

    /// <summary>Model FLOPs utilisation, above 0 and at most 1.</summary>
    public required double Utilization { get; init; }

    /// <summary>Spread of the utilisation among published runs; null when the user gave one value.</summary>
    public (double Low, double High)? UtilizationSpread { get; init; }

    /// <summary>Rent, USD an accelerator-hour, power included; null when unknown.</summary>
    public double? UsdPerHour { get; init; }

    /// <summary>Spread of the offers; null when the user gave one price or there is only one.</summary>
    public (double Low, double High)? UsdPerHourSpread { get; init; }

    /// <summary>Price of an accelerator with its share of a server, USD; null when unknown.</summary>
    public double? PurchaseUsd { get; init; }

    /// <summary>Electricity, USD a kWh.</summary>
    public required double UsdPerKwh { get; init; }

    /// <summary>Energy at the meter of the building, kWh an accelerator-hour.</summary>
    public required double KwhPerHour { get; init; }

    /// <summary>Carbon, kg CO2e a kWh.</summary>
    public required double KgPerKwh { get; init; }

    /// <summary>Every number above with its source.</summary>
    public required IReadOnlyList<Assumption> Assumptions { get; init; }

    /// <summary>FLOP/s that an accelerator reaches.</summary>
    public FlopsPerSecond Achieved => new(Peak.Value * Utilization);

    /// <summary>Accelerator-hours that a number of FLOPs takes.</summary>
    public double Hours(double flops) => flops / Achieved.Value / 3600;

    /// <summary>Owned hardware, USD an accelerator-hour without electricity; null when no price is known.</summary>
    /// <remarks>
    /// Cottier et al. 2024, arXiv:2405.21015, Sec. 2, and their code: hardware loses .14 orders of magnitude a year against the newest,
    /// so that price · .14 · ln 10 a year is written off; the network between servers is 19 % of the whole.
    /// </remarks>
    public double? OwnedUsdPerHour => PurchaseUsd * 0.14 * Math.Log(10) / Units.Dimension.HoursPerYear / (1 - 0.19);

    /// <summary>Fills what the user left open from the tables.</summary>
    /// <exception cref="UserErrorException">8-bit arithmetic on an accelerator whose 8-bit peak is not in the table.</exception>
    public static CostRates Resolve(Accelerator accelerator, CostOverrides given)
    {
        var said = new List<Assumption>();
        double Take(string name, double? value, double fallback, string unit, string source)
        {
            said.Add(new(name, value ?? fallback, unit, value is null ? source : "given", value is not null));
            return value ?? fallback;
        }
        double tablePeak = !given.EightBit ? accelerator.Peak16.Value : accelerator.Peak8?.Value ?? given.Peak ?? throw new UserErrorException(ExitCode.Usage,
            new Diagnostic("SL0138", $"the table has no 8-bit peak of {accelerator.Name}", Help: "give it with --peak, or leave --precision at 16"));
        double peak = Take(given.EightBit ? "dense 8-bit peak" : "dense 16-bit peak", given.Peak, tablePeak, "FLOP/s", accelerator.Source);
        double utilization = Take("utilization (MFU)", given.Utilization, EpochUtilization, "", "Epoch AI default: median of 33 training runs; middle half .28 to .44 (arXiv:2405.21015)");
        var rent = RentalPrice.Newest(accelerator);
        double? usdPerHour = given.UsdPerHour ?? rent?.Median;
        said.Add(new("rent", usdPerHour, "USD/accelerator-hour", given.UsdPerHour is not null ? "given"
            : rent is null ? "no price of this accelerator in the table: give --usd-per-hour"
            : FormattableString.Invariant($"median of {rent.Offers} on-demand offers of {rent.Year}, {rent.Low:0.00} to {rent.High:0.00} ({rent.Source}, CC BY)"), given.UsdPerHour is not null));
        var bought = PurchasePrice.Of(accelerator);
        double serverCost = accelerator.Key.StartsWith("a100", StringComparison.Ordinal) ? 1.66 : accelerator.Key.StartsWith("v100", StringComparison.Ordinal) ? 1.69 : 1.64;
        double? purchase = given.PurchaseUsd ?? (bought is null ? null : bought.IncludesServer ? bought.Usd : bought.Usd * serverCost);
        said.Add(new("purchase with server", purchase, "USD/accelerator", given.PurchaseUsd is not null ? "given"
            : bought is null ? "no price of this accelerator in the table: give --purchase-usd"
            : bought.IncludesServer ? $"{bought.Date}: {bought.Source}" : FormattableString.Invariant($"{bought.Date}: {bought.Usd:0.##} x {serverCost} for the server (Epoch AI): {bought.Source}"), given.PurchaseUsd is not null));
        double usdPerKwh = Take("electricity", given.UsdPerKwh, IndustrialUsdPerKwh, "USD/kWh", "average industrial price, USA 2025 (EIA, as in Epoch AI's cost code)");
        double watts = Take("accelerator power", given.Watts, accelerator.Watts, "W", accelerator.Source);
        double server = Take("server power factor", given.ServerFactor, accelerator.ServerFactor, "", "Epoch AI's cost code: power of a server over that of its accelerators");
        double share = Take("share of design power drawn", given.PowerShare, accelerator.PowerShare, "", "Epoch AI's cost code");
        double pue = Take("PUE", given.Pue, HyperscalerPue, "", "Epoch AI's cost code: 1.1 hyperscaler, 1.25 others");
        double kg = Take("carbon", given.KgPerKwh, WorldKgPerKwh, "kg CO2e/kWh", "world average, as in CodeCarbon; USA .369");
        return new()
        {
            Accelerator = accelerator,
            Peak = new(peak),
            Utilization = utilization,
            UtilizationSpread = given.Utilization is null ? UtilizationHalf : null,
            UsdPerHour = usdPerHour,
            UsdPerHourSpread = given.UsdPerHour is null && rent is { Offers: > 1 } ? (rent.Low, rent.High) : null,
            PurchaseUsd = purchase,
            UsdPerKwh = usdPerKwh,
            KwhPerHour = watts / 1000 * server * share * pue,
            KgPerKwh = kg,
            Assumptions = said,
        };
    }
}
