using System.Globalization;
using System.Text.Json.Nodes;

namespace ScalingLab.Core.Configs;

/// <summary>The range of a number; a null side is open.</summary>
internal readonly record struct Bounds(double? AtLeast = null, double? Above = null, double? AtMost = null, double? Below = null)
{
    /// <summary>Whether a number lies inside.</summary>
    public bool Hold(double x) =>
        !(x < AtLeast) && !(x <= Above) && !(x > AtMost) && !(x >= Below);

    /// <summary><c>1 or more</c>, <c>above 0 and below 1</c>, <c>from 512 to 8192</c>.</summary>
    public override string ToString() => (AtLeast, Above, AtMost, Below) switch
    {
        ({ } low, _, { } high, _) => $"from {Text(low)} to {Text(high)}",
        ({ } low, _, _, { } high) => $"{Text(low)} or more and below {Text(high)}",
        (_, { } low, { } high, _) => $"above {Text(low)} and at most {Text(high)}",
        (_, { } low, _, { } high) => $"above {Text(low)} and below {Text(high)}",
        ({ } low, _, _, _) => $"{Text(low)} or more",
        (_, { } low, _, _) => $"above {Text(low)}",
        (_, _, { } high, _) => $"at most {Text(high)}",
        (_, _, _, { } high) => $"below {Text(high)}",
        _ => "a number",
    };

    /// <summary>Adds the bounds to a JSON schema and returns it.</summary>
    public JsonObject AddTo(JsonObject schema)
    {
        if (AtLeast is { } minimum)
            schema["minimum"] = minimum;
        if (Above is { } exclusiveMinimum)
            schema["exclusiveMinimum"] = exclusiveMinimum;
        if (AtMost is { } maximum)
            schema["maximum"] = maximum;
        if (Below is { } exclusiveMaximum)
            schema["exclusiveMaximum"] = exclusiveMaximum;
        return schema;
    }

    private static string Text(double bound) => bound.ToString(CultureInfo.InvariantCulture);
}
