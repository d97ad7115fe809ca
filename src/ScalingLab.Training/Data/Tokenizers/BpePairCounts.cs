using System.Runtime.InteropServices;

namespace ScalingLab.Training.Data;

/// <summary>How often each pair of neighbouring ids stands in the pieces, and where, kept up to date while pairs are merged.</summary>
/// <remarks>
/// All pieces lie behind each other in flat arrays as linked lists, so that a merge touches the places of its pair and their
/// neighbours alone, however long the pieces are. A pair's places ascend: every pair but those of bytes holds the id of the
/// merge that made it, and is found in the one pass of that merge, from left to right.
/// </remarks>
internal sealed class BpePairCounts
{
    private const int End = -1; // no place: a piece begins or ends, or an id was merged away

    private sealed class Pair
    {
        public readonly List<int> Places = []; // where it stands or stood
        public long Count;
        public bool Changed;
        public bool Forbidden;
    }

    private readonly List<int> ids = [], previous = [], next = [], pieceOf = []; // by place
    private readonly List<long> pieceCounts = [];
    private readonly Dictionary<ulong, Pair> pairs = [];
    private readonly List<(ulong Key, Pair Pair)> changed = [];

    // Highest count first, then lowest pair. Entries whose count has changed since are dropped when they come up.
    private readonly PriorityQueue<ulong, (long NegativeCount, ulong Pair)> queue = new();

    /// <summary>Takes in a piece that occurs so many times.</summary>
    public void Add(ReadOnlySpan<byte> bytes, long count)
    {
        if (bytes.Length < 2) return;
        int first = ids.Count, last = first + bytes.Length - 1;
        for (int place = first; place <= last; place++)
        {
            ids.Add(bytes[place - first]);
            previous.Add(place == first ? End : place - 1);
            next.Add(place == last ? End : place + 1);
            pieceOf.Add(pieceCounts.Count);
        }
        pieceCounts.Add(count);
        for (int place = first; place < last; place++) Gain(ids[place], ids[place + 1], count, place);
    }

    /// <summary>The pair to merge next; null when none is left.</summary>
    public BpeMerge? Commonest()
    {
        foreach ((ulong key, Pair pair) in changed)
        {
            pair.Changed = false;
            if (pair.Count > 0) queue.Enqueue(key, (-pair.Count, key));
        }
        changed.Clear();
        while (queue.TryPeek(out ulong key, out (long NegativeCount, ulong Pair) priority))
        {
            if (pairs.TryGetValue(key, out Pair? pair) && pair.Count == -priority.NegativeCount && !pair.Forbidden) return new((int)(key >> 32), (int)(key & uint.MaxValue));
            queue.Dequeue();
        }
        return null;
    }

    /// <summary>Leaves a pair as it is from now on.</summary>
    public void Forbid(BpeMerge pair) => pairs[pair.Key].Forbidden = true;

    /// <summary>Puts one id in place of a pair wherever it stands, from left to right.</summary>
    public void Merge(BpeMerge pair, int merged)
    {
        pairs.Remove(pair.Key, out Pair? removed);
        Span<int> at = CollectionsMarshal.AsSpan(ids), before = CollectionsMarshal.AsSpan(previous), after = CollectionsMarshal.AsSpan(next);
        foreach (int place in removed!.Places)
        {
            int second = after[place];
            if (at[place] != pair.Left || second == End || at[second] != pair.Right) continue; // merged otherwise since
            long count = pieceCounts[pieceOf[place]];
            int left = before[place], right = after[second];
            if (left != End)
            {
                Lose(at[left], pair.Left, count);
                Gain(at[left], merged, count, left);
            }
            if (right != End)
            {
                Lose(pair.Right, at[right], count);
                Gain(merged, at[right], count, place);
                before[right] = place;
            }
            at[place] = merged;
            at[second] = after[second] = End;
            after[place] = right;
        }
    }

    private void Gain(int left, int right, long by, int place)
    {
        ulong key = BpeMerge.KeyOf(left, right);
        ref Pair? pair = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, key, out _);
        pair ??= new Pair();
        pair.Count += by;
        pair.Places.Add(place);
        Mark(key, pair);
    }

    private void Lose(int left, int right, long by)
    {
        ulong key = BpeMerge.KeyOf(left, right);
        if (!pairs.TryGetValue(key, out Pair? pair)) return; // the pair that is being merged, overlapping itself
        pair.Count -= by;
        Mark(key, pair);
    }

    private void Mark(ulong key, Pair pair)
    {
        if (pair.Changed) return;
        pair.Changed = true;
        changed.Add((key, pair));
    }
}
