namespace ScalingLab.Laws.Tests.Resampling;

/// <summary>NumPy's legacy RandomState, as far as <c>choice(n, n)</c> needs it: Matsumoto and Nishimura 1998, masked rejection.</summary>
internal sealed class Mt19937
{
    private readonly uint[] state = new uint[624];
    private int next = 624;

    public Mt19937(uint seed)
    {
        unchecked
        {
            state[0] = seed;
            for (uint i = 1; i < 624; i++)
                state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >> 30)) + i;
        }
    }

    /// <summary>Uniform from 0 to <paramref name="last"/>, both included.</summary>
    public int Bounded(uint last)
    {
        uint mask = uint.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(last), value;
        while ((value = Next() & mask) > last)
        {
        }
        return (int)value;
    }

    private uint Next()
    {
        if (next == 624)
            Twist();
        uint y = state[next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >> 18);
    }

    private void Twist()
    {
        for (int k = 0; k < 624; k++)
        {
            uint y = (state[k] & 0x80000000) | (state[(k + 1) % 624] & 0x7fffffff);
            state[k] = state[(k + 397) % 624] ^ (y >> 1) ^ ((y & 1) * 0x9908b0df);
        }
        next = 0;
    }
}
