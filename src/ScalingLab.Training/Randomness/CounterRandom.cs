namespace ScalingLab.Training.Randomness;

/// <summary>Random numbers as a pure function of (seed, stream, index): the same on every machine, in any order, on any number of threads.</summary>
/// <remarks>
/// A seed is the key of <see cref="Philox4x32"/>; index, stream and attempt are its counter. Streams of one seed never meet,
/// since the map is a bijection of counters: give each use (each weight matrix, the order of data) a stream of its own.
/// </remarks>
public static class CounterRandom
{
    private const double TwoToMinus53 = 1.0 / (1L << 53);

    /// <summary>The 128 bits of an index.</summary>
    /// <param name="seed">Any number; a run's seed.</param>
    /// <param name="stream">What the numbers are for, 0 or more.</param>
    /// <param name="index">Place in the stream, 0 or more.</param>
    /// <param name="attempt">Further blocks of the same place, for draws that may have to be repeated.</param>
    public static PhiloxBlock Block(long seed, int stream, long index, uint attempt = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stream);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return unchecked(Philox4x32.Block((uint)index, (uint)(index >> 32), (uint)stream, attempt, (uint)seed, (uint)(seed >> 32)));
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^−53.</summary>
    public static double Uniform(long seed, int stream, long index) => (Block(seed, stream, index).Low >> 11) * TwoToMinus53;

    /// <summary>A whole number from 0 to below <paramref name="bound"/>, each exactly equally likely.</summary>
    /// <param name="seed">Seed.</param>
    /// <param name="stream">Stream.</param>
    /// <param name="index">Place in the stream.</param>
    /// <param name="bound">Above 0.</param>
    /// <remarks>Lemire 2019, arXiv:1805.10941, Algorithm 5: multiply and keep the high half; the few low halves that would favour a result are drawn again.</remarks>
    public static long NextBelow(long seed, int stream, long index, long bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        ulong range = (ulong)bound;
        ulong unfair = unchecked(0UL - range) % range; // 2^64 mod range
        for (uint attempt = 0; ; attempt++)
        {
            ulong high = Math.BigMul(Block(seed, stream, index, attempt).Low, range, out ulong low);
            if (low >= unfair) return (long)high;
        }
    }

    /// <summary>Fills with independent normal numbers; element i is a function of (seed, stream, i) alone.</summary>
    /// <param name="destination">Where to; any length.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="stream">Stream, one a tensor.</param>
    /// <param name="mean">Mean.</param>
    /// <param name="standardDeviation">Standard deviation, 0 or more.</param>
    /// <remarks>Bit-identical on every machine: see <see cref="NormalPair"/>.</remarks>
    public static void FillNormal(Span<float> destination, long seed, int stream, double mean, double standardDeviation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(standardDeviation);
        for (int i = 0; i < destination.Length; i += 2)
        {
            NormalPair pair = NormalPair.From(Block(seed, stream, i / 2));
            destination[i] = (float)(mean + standardDeviation * pair.First);
            if (i + 1 < destination.Length) destination[i + 1] = (float)(mean + standardDeviation * pair.Second);
        }
    }

    /// <summary>The normal number that <see cref="FillNormal"/> puts at a place, with mean 0 and deviation 1.</summary>
    public static double Normal(long seed, int stream, long index)
    {
        NormalPair pair = NormalPair.From(Block(seed, stream, index / 2));
        return index % 2 == 0 ? pair.First : pair.Second;
    }
}
