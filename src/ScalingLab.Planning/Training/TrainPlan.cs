using System.Text.Json;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Planning.Memory;
using ScalingLab.Planning.Models;
using ScalingLab.Planning.Reference;

namespace ScalingLab.Planning.Training;

/// <summary>Ends of each quantity over the spreads that the user left open: utilisation among published runs and rents among offers.</summary>
/// <param name="Spreads">What was varied.</param>
/// <param name="Days">Days.</param>
/// <param name="AcceleratorHours">Accelerator-hours.</param>
/// <param name="RentalUsd">Rent; null without a price.</param>
/// <param name="ElectricityUsd">Electricity.</param>
/// <param name="EnergyMwh">Energy.</param>
/// <param name="CarbonTonnes">Carbon.</param>
/// <param name="OwnershipUsd">Write-off and electricity of owned hardware; null without a price.</param>
public sealed record TrainBands(string Spreads, double[] Days, double[] AcceleratorHours, double[]? RentalUsd, double[] ElectricityUsd, double[] EnergyMwh, double[] CarbonTonnes, double[]? OwnershipUsd);

/// <summary>Whether the devices hold the run.</summary>
/// <param name="Fits">True when some layout of exactly these devices fits.</param>
/// <param name="Layout">That layout; null when none fits.</param>
/// <param name="BytesPerDevice">Bytes on its fullest device.</param>
/// <param name="UsableBytes">What may be filled.</param>
/// <param name="SmallestDevices">Devices of the smallest layout that fits; null when none does.</param>
public sealed record Feasibility(bool Fits, LayoutDocument? Layout, double? BytesPerDevice, double UsableBytes, long? SmallestDevices);

/// <summary>What <c>plan train --json</c> prints: time, money and energy of one training run.</summary>
public sealed record TrainPlan
{
    /// <summary>Format.</summary>
    public string Schema { get; init; } = "scalinglab.plan.train/1";

    /// <summary>N, all parameters; null when only FLOPs were given.</summary>
    public double? Params { get; init; }

    /// <summary>Parameters that one token passes.</summary>
    public double? ActiveParams { get; init; }

    /// <summary>D.</summary>
    public double? Tokens { get; init; }

    /// <summary>C by the chosen convention.</summary>
    public required double Flops { get; init; }

    /// <summary>The convention.</summary>
    public required string Convention { get; init; }

    /// <summary>C by every convention that applies.</summary>
    public IReadOnlyList<FlopsByConvention> Conventions { get; init; } = [];

    /// <summary>Accelerator.</summary>
    public required string Accelerator { get; init; }

    /// <summary>How many.</summary>
    public required long Count { get; init; }

    /// <summary>Share of the peak that is reached.</summary>
    public required double Utilization { get; init; }

    /// <summary>Wall-clock time.</summary>
    public required double Days { get; init; }

    /// <summary>Accelerators times hours.</summary>
    public required double AcceleratorHours { get; init; }

    /// <summary>Rent, which already pays for power; null when no price is known.</summary>
    public required double? RentalUsd { get; init; }

    /// <summary>Electricity, for whoever pays it apart: never on top of rent.</summary>
    public required double ElectricityUsd { get; init; }

    /// <summary>Energy at the meter of the building.</summary>
    public required double EnergyMwh { get; init; }

    /// <summary>CO2e of that energy.</summary>
    public required double CarbonTonnes { get; init; }

    /// <summary>Owned hardware: write-off with its network, and electricity; null when no price is known.</summary>
    public double? OwnershipUsd { get; init; }

    /// <summary>What the hardware costs to buy, network included; null when no price is known.</summary>
    public double? PurchaseUsd { get; init; }

    /// <summary>Bands; null when everything that has a spread was given.</summary>
    public TrainBands? Bands { get; init; }

    /// <summary>Whether it fits; null when no parameters were given.</summary>
    public Feasibility? Memory { get; init; }

    /// <summary>Every number that this rests on.</summary>
    public required IReadOnlyList<Assumption> Assumptions { get; init; }

    /// <summary>What a reader should know.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>As JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PlanJson.Default.TrainPlan);

    /// <summary>A run of a model on tokens.</summary>
    /// <param name="model">Model.</param>
    /// <param name="tokens">D.</param>
    /// <param name="rates">Speed and prices.</param>
    /// <param name="count">Accelerators; null when a time is given.</param>
    /// <param name="days">Time; null when a count is given.</param>
    /// <param name="convention">One of <see cref="TrainingFlops.Names"/>.</param>
    /// <exception cref="UserErrorException">The convention does not apply.</exception>
    public static TrainPlan For(ModelSize model, double tokens, CostRates rates, long? count, double? days, string convention = "6nd")
    {
        var all = TrainingFlops.All(model, tokens);
        var chosen = all.FirstOrDefault(c => c.Name == convention) ?? throw new UserErrorException(ExitCode.Usage, TrainingFlops.Names.Contains(convention)
            ? new Diagnostic("SL0142", $"--convention {convention} needs {(model.Experts > 1 ? "a dense model" : "the shape of the model")}", Help: model.Experts > 1 ? "take 6nd, kaplan or palm" : "give --layers, --width, --heads, --context and --vocabulary, or --model")
            : new Diagnostic("SL0142", $"--convention: unknown '{convention}'", Help: Suggestions.DidYouMean(convention, TrainingFlops.Names) ?? $"there are {string.Join(", ", TrainingFlops.Names)}"));
        var plan = For(chosen.Flops, rates, count, days);
        var memory = Fit(model, rates.Accelerator, plan.Count);
        double own = model.Shape.Parameters(model.Experts);
        return plan with
        {
            Params = model.Parameters,
            ActiveParams = model.ActiveParameters,
            Tokens = tokens,
            Convention = convention,
            Conventions = all,
            Memory = memory,
            Warnings =
            [
                .. plan.Warnings,
                .. memory.Fits ? [] : new[] { $"it does not fit into {plan.Count} of {rates.Accelerator.Name}: {(memory.SmallestDevices is { } least ? $"the smallest layout that fits has {least} devices" : "no layout fits")}; see plan memory" },
                .. Math.Abs(own / model.Parameters - 1) > 0.15 && !model.IsGuessed ? new[] { FormattableString.Invariant($"the shape has {own:0.###e0} parameters, not {model.Parameters:0.###e0}: conventions that use it count that shape") } : [],
            ],
        };
    }

    /// <summary>A number of FLOPs, whatever they are for.</summary>
    public static TrainPlan For(double flops, CostRates rates, long? count, double? days)
    {
        double hours = rates.Hours(flops);
        long devices = count ?? (long)Math.Min(Math.Max(1, Math.Ceiling(hours / (days!.Value * 24) * (1 - 1e-12))), 1e15);
        var values = Money(rates, flops, devices, rates.Utilization, rates.UsdPerHour);
        foreach (double value in new[] { values.Days, values.Hours, values.Rent ?? 0, values.Mwh })
        {
            if (!double.IsFinite(value))
                throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0131", "the numbers are too large: the cost overflows", Help: "check the units of --params and --tokens"));
        }
        return new()
        {
            Flops = flops,
            Convention = "given",
            Accelerator = rates.Accelerator.Name,
            Count = devices,
            Utilization = rates.Utilization,
            Days = values.Days,
            AcceleratorHours = values.Hours,
            RentalUsd = values.Rent,
            ElectricityUsd = values.Electricity,
            EnergyMwh = values.Mwh,
            CarbonTonnes = values.Tonnes,
            OwnershipUsd = values.Owned,
            PurchaseUsd = rates.PurchaseUsd * devices / (1 - 0.19),
            Bands = Spread(rates, flops, devices),
            Assumptions = rates.Assumptions,
            Warnings =
            [
                .. rates.UsdPerHour is null ? ["no rent is known for this accelerator: give --usd-per-hour"] : Array.Empty<string>(),
                .. values.Days > 3650 ? [FormattableString.Invariant($"{values.Days / 365.25:0.#} years: hardware would be replaced several times; take more accelerators")] : Array.Empty<string>(),
            ],
        };
    }

    private static Feasibility Fit(ModelSize model, Accelerator accelerator, long count)
    {
        double usable = accelerator.MemoryBytes * MemoryPlan.DefaultUsable;
        var smallest = LayoutSearch.Smallest(model, usable, new());
        var exact = count <= int.MaxValue ? LayoutSearch.Smallest(model, usable, new() { Devices = (int)count }) : null;
        exact ??= smallest is not null && smallest.Devices <= count ? smallest : null; // some devices stay idle, or make further copies
        return new(exact is not null, exact is null ? null : LayoutDocument.Of(exact), exact is null ? null : TrainingMemory.Of(model, exact).Total, usable, smallest?.Devices);
    }

    private readonly record struct Values(double Days, double Hours, double? Rent, double Electricity, double Mwh, double Tonnes, double? Owned);

    private static Values Money(CostRates rates, double flops, long devices, double utilization, double? rent)
    {
        double hours = rates.Hours(flops) * rates.Utilization / utilization;
        double kwh = hours * rates.KwhPerHour;
        return new(hours / devices / 24, hours, hours * rent, kwh * rates.UsdPerKwh, kwh / 1000, kwh * rates.KgPerKwh / 1000, hours * rates.OwnedUsdPerHour + kwh * rates.UsdPerKwh);
    }

    private static TrainBands? Spread(CostRates rates, double flops, long devices)
    {
        if (rates.UtilizationSpread is null && rates.UsdPerHourSpread is null)
            return null;
        var (slow, fast) = rates.UtilizationSpread ?? (rates.Utilization, rates.Utilization);
        var (cheap, dear) = rates.UsdPerHourSpread is { } s ? ((double?)s.Low, (double?)s.High) : (rates.UsdPerHour, rates.UsdPerHour);
        Values low = Money(rates, flops, devices, fast, cheap), high = Money(rates, flops, devices, slow, dear);
        string spreads = string.Join("; ", new[]
        {
            rates.UtilizationSpread is null ? null : "utilization .28 to .44, the middle half of 33 training runs",
            rates.UsdPerHourSpread is null ? null : "rent from the cheapest to the dearest offer",
        }.OfType<string>());
        return new(spreads, [low.Days, high.Days], [low.Hours, high.Hours], low.Rent is { } a && high.Rent is { } b ? [a, b] : null, [low.Electricity, high.Electricity], [low.Mwh, high.Mwh], [low.Tonnes, high.Tonnes],
            low.Owned is { } c && high.Owned is { } d ? [c, d] : null);
    }
}
