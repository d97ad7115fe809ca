using System.Runtime.InteropServices;

namespace ScalingLab.Training.Data;

/// <summary>How often each pair of neighbouring ids stands in the pieces, kept up to date while pairs are merged.</summary>
internal sealed class BpePairCounts
{
    private readonly record struct Piece(int[] Ids, int Length, long Count);

    private readonly List<Piece> _pieces = [];
    private readonly Dictionary<ulong, long> _counts = [];
    private readonly Dictionary<ulong, List<int>> _where = []; // pieces that have, or had, the pair; in order of addition
    private readonly HashSet<ulong> _changed = [];
    private readonly HashSet<ulong> _forbidden = [];

    // Highest count first, then lowest pair. Entries whose count has changed since are dropped when they come up.
    private readonly PriorityQueue<ulong, (long NegativeCount, ulong Pair)> _queue = new();
    private bool _queued;

    /// <summary>Takes in a piece that occurs so many times.</summary>
    public void Add(ReadOnlySpan<byte> bytes, long count)
    {
        if (bytes.Length < 2) return;
        int[] ids = new int[bytes.Length];
        for (int i = 0; i < ids.Length; i++) ids[i] = bytes[i];
        _pieces.Add(new(ids, ids.Length, count));
        for (int i = 0; i + 1 < ids.Length; i++) Change(ids[i], ids[i + 1], count, _pieces.Count - 1);
    }

    /// <summary>The pair to merge next; null when none is left.</summary>
    public BpeMerge? Commonest()
    {
        if (!_queued)
        {
            foreach ((ulong pair, long count) in _counts) _queue.Enqueue(pair, (-count, pair));
            _queued = true;
            _changed.Clear();
        }
        while (_queue.TryPeek(out ulong pair, out (long NegativeCount, ulong Pair) priority))
        {
            bool current = _counts.TryGetValue(pair, out long count) && count > 0 && count == -priority.NegativeCount;
            if (current && !_forbidden.Contains(pair)) return new((int)(pair >> 32), (int)(pair & uint.MaxValue));
            _queue.Dequeue();
        }
        return null;
    }

    /// <summary>Leaves a pair as it is from now on.</summary>
    public void Forbid(BpeMerge pair) => _forbidden.Add(pair.Key);

    /// <summary>Puts one id in place of a pair wherever it stands, from left to right.</summary>
    public void Merge(BpeMerge pair, int merged)
    {
        foreach (int index in _where[pair.Key])
        {
            Piece piece = _pieces[index];
            int length = MergeIn(piece, index, pair, merged);
            _pieces[index] = piece with { Length = length };
        }
        _where.Remove(pair.Key);
        _counts.Remove(pair.Key);
        foreach (ulong changed in _changed)
            if (_counts.TryGetValue(changed, out long count) && count > 0) _queue.Enqueue(changed, (-count, changed));
        _changed.Clear();
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
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += by;
        _changed.Add(pair);
        if (by < 0) return;
        ref List<int>? where = ref CollectionsMarshal.GetValueRefOrAddDefault(_where, pair, out _);
        where ??= [];
        if (where.Count == 0 || where[^1] != piece) where.Add(piece);
    }
}
