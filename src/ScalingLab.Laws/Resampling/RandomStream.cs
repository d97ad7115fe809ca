namespace ScalingLab.Laws.Resampling;

/// <summary>Random numbers one after another, from a start that is a function of (seed, stream): every resample has a stream of its own, so threads cannot change it.</summary>
/// <remarks>SplitMix64: Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195. Normal deviates by Box and Muller 1958.</remarks>
public struct RandomStream
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private ulong state;

    /// <summary>The start of a stream.</summary>
    public RandomStream(long seed, int stream) => state = unchecked(Mix(Mix((ulong)seed + Gamma) ^ Mix((ulong)stream * Gamma + 1)));

    /// <summary>64 bits.</summary>
    public ulong NextBits() => Mix(state = unchecked(state + Gamma));

    /// <summary>A whole number from 0 to below <paramref name="bound"/>; its bias, below bound/2^64, does not matter here.</summary>
    public int NextIndex(int bound) => (int)Math.BigMul(NextBits(), (ulong)bound, out _);

    /// <summary>Uniform above 0 and at most 1.</summary>
    public double NextUnit() => ((NextBits() >> 11) + 1) * (1.0 / (1UL << 53));

    /// <summary>Standard normal.</summary>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(NextUnit())) * Math.Cos(2 * Math.PI * NextUnit());

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
