namespace ScalingLab.Planning.Claims;

/// <summary>The units that claims and thresholds are written in.</summary>
public static class UnitTable
{
    private const double Day = 86400, Year = 365.25 * Day; // Julian year
    private static readonly Dimensions Flop = new(Flops: 1), Second = new(Seconds: 1), Joule = new(Joules: 1), Watt = new(Joules: 1, Seconds: -1), ChipSecond = new(Chips: 1, Seconds: 1);

    // The first name of a size is the one that messages use.
    private static readonly (string Name, Quantity Size)[] Units =
    [
        ("FLOP", new(1, Flop)), ("FLOPs", new(1, Flop)), ("GFLOP", new(1e9, Flop)), ("TFLOP", new(1e12, Flop)), ("PFLOP", new(1e15, Flop)), ("EFLOP", new(1e18, Flop)), ("ZFLOP", new(1e21, Flop)), ("YFLOP", new(1e24, Flop)),
        ("PF-day", new(1e15 * Day, Flop)), ("PF-days", new(1e15 * Day, Flop)),
        ("param", new(1, new(Parameters: 1))), ("params", new(1, new(Parameters: 1))), ("parameter", new(1, new(Parameters: 1))), ("parameters", new(1, new(Parameters: 1))),
        ("token", new(1, new(Tokens: 1))), ("tokens", new(1, new(Tokens: 1))),
        ("chip", new(1, new(Chips: 1))), ("chips", new(1, new(Chips: 1))), ("GPU", new(1, new(Chips: 1))), ("GPUs", new(1, new(Chips: 1))),
        ("chip-hour", new(3600, ChipSecond)), ("chip-hours", new(3600, ChipSecond)), ("GPU-hour", new(3600, ChipSecond)), ("GPU-hours", new(3600, ChipSecond)), ("GPU-h", new(3600, ChipSecond)), ("GPU-year", new(Year, ChipSecond)), ("GPU-years", new(Year, ChipSecond)),
        ("s", new(1, Second)), ("second", new(1, Second)), ("seconds", new(1, Second)), ("minute", new(60, Second)), ("h", new(3600, Second)), ("hour", new(3600, Second)), ("hours", new(3600, Second)),
        ("day", new(Day, Second)), ("days", new(Day, Second)), ("month", new(30 * Day, Second)), ("year", new(Year, Second)), ("years", new(Year, Second)),
        ("J", new(1, Joule)), ("kJ", new(1e3, Joule)), ("Wh", new(3600, Joule)), ("kWh", new(3.6e6, Joule)), ("MWh", new(3.6e9, Joule)), ("GWh", new(3.6e12, Joule)), ("TWh", new(3.6e15, Joule)),
        ("W", new(1, Watt)), ("kW", new(1e3, Watt)), ("MW", new(1e6, Watt)), ("GW", new(1e9, Watt)), ("TW", new(1e12, Watt)),
        ("USD", new(1, new(Usd: 1))),
        ("g", new(1e-3, new(Kilograms: 1))), ("kg", new(1, new(Kilograms: 1))), ("t", new(1e3, new(Kilograms: 1))),
        ("byte", new(1, new(Bytes: 1))), ("bytes", new(1, new(Bytes: 1))), ("GB", new(1e9, new(Bytes: 1))), ("TB", new(1e12, new(Bytes: 1))),
        ("nat", new(1, new(Nats: 1))), ("nats", new(1, new(Nats: 1))),
        ("%", new(0.01, Dimensions.None)), ("x", new(1, Dimensions.None)),
    ];

    private static readonly Dictionary<string, Quantity> ByName = Units.ToDictionary(u => u.Name, u => u.Size, StringComparer.Ordinal);

    /// <summary>Every unit's name.</summary>
    public static IEnumerable<string> Names => Units.Select(u => u.Name);

    /// <summary>The size of a unit; null when there is none of that name.</summary>
    public static Quantity? Find(string name) => ByName.TryGetValue(name, out var size) ? size : null;

    /// <summary>Units that count the same thing, one name each; empty when only a compound unit does.</summary>
    public static IReadOnlyList<(string Name, double Size)> ThatFit(Dimensions dimension) =>
        [.. Units.Where(u => u.Size.Dimensions == dimension && u.Name is not ("%" or "x")).DistinctBy(u => u.Size.Value).Select(u => (u.Name, u.Size.Value))];

    /// <summary>Those units as a message lists them, or the base units.</summary>
    public static string FitText(Dimensions dimension) => dimension == Dimensions.None ? "a pure number, no unit"
        : ThatFit(dimension) is { Count: > 0 } units ? string.Join(", ", units.Select(u => u.Name)) : dimension.ToString();
}
