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

    private readonly int[]? standsFor;

    /// <summary>Merges in order of rank; the result of merge i is id 256 + i.</summary>
    public MergeTable(IReadOnlyList<BpeMerge> merges)
        : this([.. merges.Select((m, rank) => KeyValuePair.Create(m.Key, 256 + rank))])
    {
    }

    /// <summary>Pairs with their results.</summary>
    /// <param name="results">256 + rank of each pair, no pair twice.</param>
    /// <param name="standsFor">The id that each such id stands for, where two merges spell one token; null where none do.</param>
    public MergeTable(IReadOnlyCollection<KeyValuePair<ulong, int>> results, int[]? standsFor = null)
    {
        this.standsFor = standsFor;
        int bits = 4;
        while (1L << bits < 4L * results.Count) bits++;
        pairs = new ulong[1 << bits];
        merged = new int[1 << bits];
        shift = 64 - bits;
        foreach ((ulong pair, int result) in results)
        {
            int slot = Slot(pair + 1);
            pairs[slot] = pair + 1;
            merged[slot] = result;
        }
    }

    /// <summary>The id under which a result goes on: the same, or that of the first merge with its spelling.</summary>
    public int TokenOf(int merged) => standsFor is null ? merged : standsFor[merged];

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
