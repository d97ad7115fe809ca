namespace ScalingLab.Planning.Claims;

/// <summary>What a quantity counts: exponents of operations, parameters, tokens, chips, seconds, joules, dollars, kilograms, bytes and nats.</summary>
/// <remarks>Parameters, tokens and chips are dimensions too: 6·N·D only gives FLOPs with 6 FLOPs a parameter a token, and hours are not chip-hours.</remarks>
public readonly record struct Dimensions(double Flops = 0, double Parameters = 0, double Tokens = 0, double Chips = 0, double Seconds = 0,
    double Joules = 0, double Usd = 0, double Kilograms = 0, double Bytes = 0, double Nats = 0)
{
    /// <summary>A pure number.</summary>
    public static readonly Dimensions None;

    /// <summary>Of a product.</summary>
    public static Dimensions operator *(Dimensions a, Dimensions b) => new(a.Flops + b.Flops, a.Parameters + b.Parameters, a.Tokens + b.Tokens, a.Chips + b.Chips, a.Seconds + b.Seconds,
        a.Joules + b.Joules, a.Usd + b.Usd, a.Kilograms + b.Kilograms, a.Bytes + b.Bytes, a.Nats + b.Nats);

    /// <summary>Of a quotient.</summary>
    public static Dimensions operator /(Dimensions a, Dimensions b) => a * b.Power(-1);

    /// <summary>Of a power.</summary>
    public Dimensions Power(double exponent) => new(Flops * exponent, Parameters * exponent, Tokens * exponent, Chips * exponent, Seconds * exponent,
        Joules * exponent, Usd * exponent, Kilograms * exponent, Bytes * exponent, Nats * exponent);

    /// <summary>In base units, such as <c>FLOP/s/chip</c>; <c>a pure number</c> for none.</summary>
    public override string ToString()
    {
        (string Name, double Exponent)[] parts = [("FLOP", Flops), ("param", Parameters), ("token", Tokens), ("chip", Chips), ("USD", Usd), ("J", Joules), ("kg", Kilograms), ("byte", Bytes), ("nat", Nats), ("s", Seconds)];
        string over = string.Join('*', parts.Where(p => p.Exponent > 0).Select(p => Written(p.Name, p.Exponent)));
        string under = string.Concat(parts.Where(p => p.Exponent < 0).Select(p => "/" + Written(p.Name, -p.Exponent)));
        return over.Length + under.Length == 0 ? "a pure number" : (over.Length == 0 ? "1" : over) + under;

        static string Written(string name, double exponent) => exponent == 1 ? name : FormattableString.Invariant($"{name}^{exponent:0.###}");
    }
}

/// <summary>A number of something, in base units (FLOP, parameter, token, chip, second, joule, USD, kilogram, byte, nat).</summary>
/// <param name="Value">In base units.</param>
/// <param name="Dimensions">What it counts.</param>
public readonly record struct Quantity(double Value, Dimensions Dimensions)
{
    /// <summary>A pure number.</summary>
    public static implicit operator Quantity(double value) => new(value, Dimensions.None);

    /// <summary>Product.</summary>
    public static Quantity operator *(Quantity a, Quantity b) => new(a.Value * b.Value, a.Dimensions * b.Dimensions);

    /// <summary>Quotient.</summary>
    public static Quantity operator /(Quantity a, Quantity b) => new(a.Value / b.Value, a.Dimensions / b.Dimensions);
}
