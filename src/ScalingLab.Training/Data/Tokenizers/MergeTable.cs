namespace ScalingLab.Training.Data;

/// <summary>Which id a pair of neighbouring ids becomes. Made once, then read by any number of threads.</summary>
/// <remarks>An open hash table of flat arrays, at most a quarter full: encoding asks it for every pair of every new piece, and most pairs are not there.</remarks>
internal sealed class MergeTable
{
    /// <summary>Returned for a pair that does not merge; above every id.</summary>
    public const int None = int.MaxValue;

    private const ulong Odd = 0x9E3779B97F4A7C15;

    private readonly ulong[] pairs; // a pair + 1; 0 is free
    private readonly int[] merged;
    private readonly int shift;

    /// <summary>Merges in order of rank; the result of merge i is id 256 + i.</summary>
    public MergeTable(IReadOnlyList<BpeMerge> merges)
    {
        int bits = 4;
        while (1L << bits < 4L * merges.Count) bits++;
        pairs = new ulong[1 << bits];
        merged = new int[1 << bits];
        shift = 64 - bits;
        for (int rank = 0; rank < merges.Count; rank++)
        {
            int slot = Slot(merges[rank].Key + 1);
            pairs[slot] = merges[rank].Key + 1;
            merged[slot] = 256 + rank;
        }
    }

    /// <summary>The id that a pair becomes, or <see cref="None"/>. Of two pairs, the one with the lower result merges first.</summary>
    public int Merged(int left, int right)
    {
        ulong pair = BpeMerge.KeyOf(left, right) + 1;
        int slot = Slot(pair);
        return pairs[slot] == pair ? merged[slot] : None;
    }

    private int Slot(ulong pair)
    {
        int slot = (int)(unchecked(pair * Odd) >> shift);
        while (pairs[slot] != 0 && pairs[slot] != pair) slot = (slot + 1) & (pairs.Length - 1);
        return slot;
    }
}
