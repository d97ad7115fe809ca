using System.Runtime.InteropServices;

namespace ScalingLab.Training.Data;

/// <summary>How often each pair of neighbouring ids stands in the pieces, kept up to date while pairs are merged.</summary>
internal sealed class BpePairCounts
{
    private readonly record struct Piece(int[] Ids, int Length, long Count);

    private readonly List<Piece> pieces = [];
    private readonly Dictionary<ulong, long> counts = [];
    private readonly Dictionary<ulong, List<int>> piecesWith = []; // pieces that have, or had, the pair; in order of addition
    private readonly HashSet<ulong> changedPairs = [];
    private readonly HashSet<ulong> forbidden = [];

    // Highest count first, then lowest pair. Entries whose count has changed since are dropped when they come up.
    private readonly PriorityQueue<ulong, (long NegativeCount, ulong Pair)> queue = new();
    private bool queued;

    /// <summary>Takes in a piece that occurs so many times.</summary>
    public void Add(ReadOnlySpan<byte> bytes, long count)
    {
        if (bytes.Length < 2) return;
        int[] ids = new int[bytes.Length];
        for (int i = 0; i < ids.Length; i++) ids[i] = bytes[i];
        pieces.Add(new(ids, ids.Length, count));
        for (int i = 0; i + 1 < ids.Length; i++) Change(ids[i], ids[i + 1], count, pieces.Count - 1);
    }

    /// <summary>The pair to merge next; null when none is left.</summary>
    public BpeMerge? Commonest()
    {
        if (!queued)
        {
            foreach ((ulong pair, long count) in counts) queue.Enqueue(pair, (-count, pair));
            queued = true;
            changedPairs.Clear();
        }
        while (queue.TryPeek(out ulong pair, out (long NegativeCount, ulong Pair) priority))
        {
            bool current = counts.TryGetValue(pair, out long count) && count > 0 && count == -priority.NegativeCount;
            if (current && !forbidden.Contains(pair)) return new((int)(pair >> 32), (int)(pair & uint.MaxValue));
            queue.Dequeue();
        }
        return null;
    }

    /// <summary>Leaves a pair as it is from now on.</summary>
    public void Forbid(BpeMerge pair) => forbidden.Add(pair.Key);

    /// <summary>Puts one id in place of a pair wherever it stands, from left to right.</summary>
    public void Merge(BpeMerge pair, int merged)
    {
        foreach (int index in piecesWith[pair.Key])
        {
            Piece piece = pieces[index];
            int length = MergeIn(piece, index, pair, merged);
            pieces[index] = piece with { Length = length };
        }
        piecesWith.Remove(pair.Key);
        counts.Remove(pair.Key);
        foreach (ulong changed in changedPairs)
            if (counts.TryGetValue(changed, out long count) && count > 0) queue.Enqueue(changed, (-count, changed));
        changedPairs.Clear();
    }

    private int MergeIn(Piece piece, int index, BpeMerge pair, int merged)
    {
        int[] ids = piece.Ids;
        int kept = 0;
        for (int i = 0; i < piece.Length; i++)
        {
            if (i + 1 == piece.Length || ids[i] != pair.Left || ids[i + 1] != pair.Right)
            {
                ids[kept++] = ids[i];
                continue;
            }
            if (kept > 0)
            {
                Change(ids[kept - 1], pair.Left, -piece.Count, index);
                Change(ids[kept - 1], merged, piece.Count, index);
            }
            if (i + 2 < piece.Length)
            {
                Change(pair.Right, ids[i + 2], -piece.Count, index);
                Change(merged, ids[i + 2], piece.Count, index);
            }
            ids[kept++] = merged;
            i++;
        }
        return kept;
    }

    private void Change(int left, int right, long by, int piece)
    {
        ulong pair = BpeMerge.KeyOf(left, right);
        CollectionsMarshal.GetValueRefOrAddDefault(counts, pair, out _) += by;
        changedPairs.Add(pair);
        if (by < 0) return;
        ref List<int>? where = ref CollectionsMarshal.GetValueRefOrAddDefault(piecesWith, pair, out _);
        where ??= [];
        if (where.Count == 0 || where[^1] != piece) where.Add(piece);
    }
}
