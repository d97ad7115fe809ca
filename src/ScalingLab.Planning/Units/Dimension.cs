namespace ScalingLab.Planning.Units;

/// <summary>What a number counts, and the units in which it may be written.</summary>
/// <param name="Name">In a sentence: "a number of FLOPs".</param>
/// <param name="Example">How to write one.</param>
/// <param name="Flags">The flag that takes it.</param>
/// <param name="Units">Factor of every unit, in terms of the base unit; the empty unit is a bare number.</param>
/// <param name="Least">Least value that makes sense, in the base unit.</param>
/// <param name="Most">Largest value that makes sense: beyond it a slip of the pen is likelier.</param>
public sealed record Dimension(string Name, string Example, string Flags, IReadOnlyDictionary<string, double> Units, double Least, double Most)
{
    /// <summary>10^15 FLOP/s for a day, 8.64e19 FLOPs (Kaplan et al. 2020, arXiv:2001.08361, Sec. 1.3).</summary>
    public const double PetaflopDay = 1e15 * 86400;

    /// <summary>Hours of a year of 365.25 days, as Epoch AI counts them.</summary>
    public const double HoursPerYear = 8766;

    private static readonly (string Prefix, double Factor)[] Counts = [("", 1), ("k", 1e3), ("M", 1e6), ("B", 1e9), ("G", 1e9), ("T", 1e12)];
    private static readonly (string Prefix, double Factor)[] Si = [("", 1), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18), ("Z", 1e21), ("Y", 1e24)];

    /// <summary>Operations; base FLOP.</summary>
    public static readonly Dimension Flops = new("a number of FLOPs", "5.76e23, 3640PF-day or 12EFLOP", "--flops",
        Of(Bare, Scaled(Si, "FLOP", "FLOPs"), [("PF-day", PetaflopDay), ("PF-days", PetaflopDay), ("PFLOP/s-day", PetaflopDay), ("PFLOP/s-days", PetaflopDay), ("EF-day", 1e3 * PetaflopDay), ("EF-days", 1e3 * PetaflopDay)]), 1, 1e40);

    /// <summary>Operations a second; base FLOP/s.</summary>
    public static readonly Dimension FlopRate = new("a rate in FLOP/s", "989TFLOP/s", "--peak", Of(Bare, Scaled(Si, "FLOP/s", "FLOPs/s")), 1, 1e24);

    /// <summary>Parameters.</summary>
    public static readonly Dimension Parameters = new("a number of parameters", "70B or 7e10", "--params", Of(Scaled(Counts, "", "params", "parameters", "param")), 1, 1e18);

    /// <summary>Tokens.</summary>
    public static readonly Dimension Tokens = new("a number of tokens", "1.4T or 1.4e12", "--tokens", Of(Scaled(Counts, "", "tokens", "token", "tok")), 1, 1e21);

    /// <summary>Tokens a day.</summary>
    public static readonly Dimension TokensPerDay = new("tokens a day", "100B or 1.2M/s", "--tokens-per-day",
        Of(Scaled(Counts, "", "/day", "tokens/day", "tok/day"), Scaled(Counts, 86400, "/s", "tokens/s", "tok/s")), 1, 1e24);

    /// <summary>Whole things: accelerators, layers, sequences.</summary>
    public static readonly Dimension Count = new("a whole number", "4096 or 16k", "--count", Of(Scaled(Counts, "")), 1, 1e9);

    /// <summary>One accelerator for one hour.</summary>
    public static readonly Dimension AcceleratorHours = new("a number of accelerator-hours", "2.8Mh or 500kGPU-h", "--accelerator-hours",
        Of(Scaled(Counts, "", "h", "GPU-h", "GPU-hours", "chip-h", "chip-hours", "TPU-h", "accelerator-hours"), Scaled(Counts, 24, "GPU-days", "chip-days"), Scaled(Counts, HoursPerYear, "GPU-years", "chip-years")), 1e-6, 1e18);

    /// <summary>Wall-clock time; base day.</summary>
    public static readonly Dimension Days = new("a time", "90d or 3months", "--days",
        Of(Bare, [("d", 1), ("day", 1), ("days", 1), ("hours", 1 / 24.0), ("hour", 1 / 24.0), ("week", 7), ("weeks", 7), ("months", 30.4375), ("month", 30.4375), ("year", 365.25), ("years", 365.25), ("s", 1 / 86400.0), ("min", 1 / 1440.0)]), 1e-9, 1e9);

    /// <summary>Energy; base kWh. A bare number would leave open which unit is meant.</summary>
    public static readonly Dimension Energy = new("an energy", "289MWh", "--energy", Of(Scaled(Si, "Wh", 1e-3), Scaled(Si, "J", 1 / 3.6e6)), 1e-9, 1e18);

    /// <summary>Power; base W.</summary>
    public static readonly Dimension Power = new("a power", "700W or 0.7kW", "--watts", Of(Bare, Scaled(Si, "W")), 1e-3, 1e12);

    /// <summary>Money; base USD.</summary>
    public static readonly Dimension Usd = new("an amount of USD", "2M, $2M or 2MUSD", "--usd", Of(Scaled(Counts, "", "USD", "$")), 1e-6, 1e18);

    /// <summary>Rent of one accelerator; base USD an hour.</summary>
    public static readonly Dimension UsdPerHour = new("a price in USD an hour", "4.50 or 4.50USD/h", "--usd-per-hour", Of(Bare, [("USD/h", 1), ("$/h", 1), ("/h", 1), ("USD/hour", 1), ("USD/day", 1 / 24.0)]), 0, 1e6);

    /// <summary>Price of electricity; base USD a kWh.</summary>
    public static readonly Dimension UsdPerKwh = new("a price in USD a kWh", "0.08 or 80USD/MWh", "--usd-per-kwh", Of(Bare, [("USD/kWh", 1), ("$/kWh", 1), ("/kWh", 1), ("USD/MWh", 1e-3), ("$/MWh", 1e-3)]), 0, 1e3);

    /// <summary>Carbon of electricity; base kg CO2e a kWh.</summary>
    public static readonly Dimension KgPerKwh = new("kg of CO2e a kWh", "0.4 or 400g/kWh", "--kg-per-kwh", Of(Bare, [("kg/kWh", 1), ("g/kWh", 1e-3), ("t/MWh", 1), ("kg/MWh", 1e-3), ("lb/MWh", 0.45359237e-3)]), 0, 10);

    /// <summary>Memory; base byte, prefixes decimal and binary.</summary>
    public static readonly Dimension Bytes = new("an amount of memory", "640GB or 80GiB", "--memory",
        Of([("B", 1), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("PB", 1e15), ("KiB", 1024.0), ("MiB", 1048576.0), ("GiB", 1073741824.0), ("TiB", 1099511627776.0)]), 1, 1e21);

    /// <summary>A share of a whole.</summary>
    public static readonly Dimension Share = new("a share from 0 to 1", "0.4 or 40%", "--utilization", Of(Bare, [("%", 0.01)]), 1e-6, 1);

    /// <summary>A factor without a unit.</summary>
    public static readonly Dimension Factor = new("a factor", "1.1", "--pue", Of(Bare), 0, 1e6);

    /// <summary>Those whose units are told apart when a value is given in a wrong one; the first that has the unit names it.</summary>
    internal static readonly IReadOnlyList<Dimension> All = [Flops, FlopRate, Energy, Power, UsdPerHour, UsdPerKwh, KgPerKwh, Usd, AcceleratorHours, Bytes, Tokens, Parameters, TokensPerDay, Days, Share];

    private static (string, double)[] Bare => [("", 1)];

    /// <summary>Factor of a unit; null when this dimension lacks it. Case counts only between milli and mega.</summary>
    internal double? FactorOf(string unit) => Units.TryGetValue(unit, out double factor) ? factor
        : !(unit.StartsWith('m') && (this == Energy || this == Power || this == Bytes))
            && Units.Where(u => string.Equals(u.Key, unit, StringComparison.OrdinalIgnoreCase)).Select(u => u.Value).Distinct().ToArray() is [var only] ? only : null;

    /// <summary>Whether it is only a prefix of counts, such as the B of 70B, and names nothing that is counted.</summary>
    internal static bool IsBarePrefix(string unit) => Counts.Any(c => string.Equals(c.Prefix, unit, StringComparison.OrdinalIgnoreCase));

    private static Dictionary<string, double> Of(params (string Unit, double Factor)[][] parts) => parts.SelectMany(p => p).ToDictionary(p => p.Unit, p => p.Factor, StringComparer.Ordinal);

    private static (string, double)[] Scaled((string Prefix, double Factor)[] prefixes, params string[] units) => Scaled(prefixes, 1, units);

    private static (string, double)[] Scaled((string Prefix, double Factor)[] prefixes, string unit, double scale) => Scaled(prefixes, scale, unit);

    private static (string, double)[] Scaled((string Prefix, double Factor)[] prefixes, double scale, params string[] units) =>
        [.. from unit in units from prefix in prefixes select (prefix.Prefix + unit, prefix.Factor * scale)];
}
