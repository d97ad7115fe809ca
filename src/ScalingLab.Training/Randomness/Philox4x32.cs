namespace ScalingLab.Training.Randomness;

/// <summary>Four 32-bit random words: what one call of <see cref="Philox4x32"/> gives.</summary>
public readonly record struct PhiloxBlock(uint X0, uint X1, uint X2, uint X3)
{
    /// <summary>The first two words as one number.</summary>
    public ulong Low => X0 | ((ulong)X1 << 32);

    /// <summary>The last two words as one number.</summary>
    public ulong High => X2 | ((ulong)X3 << 32);
}

/// <summary>Philox4x32-10: a bijection of 128-bit counters under a 64-bit key. No state, so any number of a sequence is had at once.</summary>
/// <remarks>
/// Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", SC'11, doi:10.1145/2063384.2063405, Sec. 4.3 and Table 2:
/// multipliers, Weyl constants and ten rounds as there. The test holds the known answers published with their Random123 library.
/// </remarks>
public static class Philox4x32
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9; // golden ratio
    private const uint Weyl1 = 0xBB67AE85; // √3 − 1
    private const int Rounds = 10;

    /// <summary>The block of a counter (c0 lowest) under a key (k0 lowest).</summary>
    public static PhiloxBlock Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        unchecked
        {
            for (int round = 0; round < Rounds; round++)
            {
                ulong product0 = (ulong)Multiplier0 * c0;
                ulong product1 = (ulong)Multiplier1 * c2;
                c0 = (uint)(product1 >> 32) ^ c1 ^ k0;
                c1 = (uint)product1;
                c2 = (uint)(product0 >> 32) ^ c3 ^ k1;
                c3 = (uint)product0;
                k0 += Weyl0;
                k1 += Weyl1;
            }
            return new(c0, c1, c2, c3);
        }
    }
}
