namespace ScalingLab.Training.Data;

/// <summary>Merges a long piece in n log n: a queue of pairs by (rank, place) over a linked list of ids.</summary>
/// <remarks>Text without spaces, or a megabyte of one letter, is one piece; a scan for each merge would take n² there.</remarks>
internal static class BpeLongPiece
{
    /// <summary>The merged ids of a piece.</summary>
    public static int[] Merge(ReadOnlySpan<byte> piece, MergeTable table)
    {
        int n = piece.Length;
        int[] ids = new int[n];
        for (int i = 0; i < n; i++) ids[i] = piece[i];
        int[] next = new int[n], previous = new int[n];
        var queue = new PriorityQueue<(int Place, ulong Pair), (int Merged, int Place)>();
        void Enqueue(int place)
        {
            if (place < 0 || next[place] >= n) return;
            int left = ids[place], right = ids[next[place]];
            if (table.Merged(left, right) is not MergeTable.None and int merged) queue.Enqueue((place, BpeMerge.KeyOf(left, right)), (merged, place));
        }

        for (int i = 0; i < n; i++) (next[i], previous[i]) = (i + 1, i - 1);
        for (int i = 0; i < n; i++) Enqueue(i);
        while (queue.TryDequeue(out (int Place, ulong Pair) entry, out (int Merged, int Place) priority))
        {
            int place = entry.Place;
            // A place that was merged away holds -1; one whose pair has changed has another entry.
            if (ids[place] < 0 || next[place] >= n || BpeMerge.KeyOf(ids[place], ids[next[place]]) != entry.Pair) continue;
            int gone = next[place];
            ids[place] = table.TokenOf(priority.Merged);
            ids[gone] = -1;
            next[place] = next[gone];
            if (next[place] < n) previous[next[place]] = place;
            Enqueue(previous[place]);
            Enqueue(place);
        }
        return Array.FindAll(ids, id => id >= 0);
    }
}
