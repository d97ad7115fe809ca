namespace ScalingLab.Training.Randomness;

/// <summary>Two independent standard normal numbers from 128 random bits: Box and Muller 1958, doi:10.1214/aoms/1177706645.</summary>
/// <remarks>
/// r = √(−2 ln u), then r·cos 2πv and r·sin 2πv. The logarithm, sine and cosine of C libraries differ in their last bits from machine
/// to machine, so they are computed here from sums, products, quotients and a square root, which IEEE 754 fixes; .NET fuses no
/// multiply-add of its own accord. Each is within a few units in the last place of a double, far below a float's.
/// </remarks>
public readonly record struct NormalPair(double First, double Second)
{
    private const double Ln2 = 0.693147180559945309417232;
    private const double TwoToMinus53 = 1.0 / (1L << 53);

    /// <summary>The pair that a block of random bits stands for. No result is beyond √(2·53·ln 2) ≈ 8.57.</summary>
    public static NormalPair From(PhiloxBlock bits)
    {
        double u = ((bits.Low >> 11) + 1) * TwoToMinus53; // (0, 1]: the logarithm stays finite
        double radius = Math.Sqrt(-2 * Log(u));
        (double sine, double cosine) = SineAndCosineOfTurn(bits.High);
        return new(radius * cosine, radius * sine);
    }

    /// <summary>ln x for normal x above 0: x = m·2^e with m in [√½, √2), ln m = 2 artanh((m − 1)/(m + 1)).</summary>
    internal static double Log(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        long exponent = (bits >> 52) - 1023;
        double m = BitConverter.Int64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
        if (m > 1.4142135623730951)
        {
            m /= 2;
            exponent++;
        }
        double s = (m - 1) / (m + 1); // |s| ≤ 0.1716, so s^22 / 23 is below 1e-18
        double z = s * s, sum = 0;
        for (int k = 21; k >= 1; k -= 2) sum = sum * z + 1.0 / k;
        return exponent * Ln2 + 2 * s * sum;
    }

    /// <summary>Sine and cosine of 2π·turn/2^64: the top two bits pick the quarter, the rest is an angle of at most π/4 about its middle.</summary>
    internal static (double Sine, double Cosine) SineAndCosineOfTurn(ulong turn)
    {
        long fraction = (long)((turn << 2) >> 11); // 53 bits: place within the quarter
        double angle = (fraction * TwoToMinus53 - 0.5) * (Math.PI / 2);
        double z = angle * angle; // ≤ 0.617
        double sine = angle * (1 + z * (-1.0 / 6 + z * (1.0 / 120 + z * (-1.0 / 5040 + z * (1.0 / 362880 + z * (-1.0 / 39916800 + z * (1.0 / 6227020800 - z / 1307674368000)))))));
        double cosine = 1 + z * (-0.5 + z * (1.0 / 24 + z * (-1.0 / 720 + z * (1.0 / 40320 + z * (-1.0 / 3628800 + z * (1.0 / 479001600 - z / 87178291200))))));
        const double HalfRoot = 0.70710678118654752440; // sine and cosine of the quarter's middle, π/4
        double s = HalfRoot * (sine + cosine), c = HalfRoot * (cosine - sine);
        return (turn >> 62) switch
        {
            0 => (s, c),
            1 => (c, -s),
            2 => (-s, -c),
            _ => (-c, s),
        };
    }
}
