using System.Numerics;

namespace ScalingLab.Training.Data;

/// <summary>Merges a piece of moderate length: beside each id stands what it and the next one become, and the lowest of these is looked for.</summary>
/// <remarks>A merge asks the table for two pairs, whatever the length; finding the lowest and closing the gap are vector operations.</remarks>
internal static class BpePiece
{
    /// <summary>Replaces bytes by merged ids.</summary>
    /// <param name="piece">Two bytes or more.</param>
    /// <param name="table">Merges.</param>
    /// <param name="ids">As long as the piece; takes the ids.</param>
    /// <param name="results">As long; scratch.</param>
    /// <returns>Number of ids.</returns>
    public static int Merge(ReadOnlySpan<byte> piece, MergeTable table, Span<int> ids, Span<int> results)
    {
        int count = piece.Length;
        for (int i = 0; i < count; i++) ids[i] = piece[i];
        for (int i = 0; i + 1 < count; i++) results[i] = table.Merged(ids[i], ids[i + 1]);
        results[count - 1] = MergeTable.None;
        while (true)
        {
            int lowest = Lowest(results[..count]);
            if (lowest == MergeTable.None) return count;
            int at = results[..count].IndexOf(lowest); // the leftmost of equal ones
            int token = table.TokenOf(lowest);
            ids[at] = token;
            ids[(at + 2)..count].CopyTo(ids[(at + 1)..]);
            results[(at + 2)..count].CopyTo(results[(at + 1)..]);
            count--;
            results[at] = at + 1 < count ? table.Merged(token, ids[at + 1]) : MergeTable.None;
            if (at > 0) results[at - 1] = table.Merged(ids[at - 1], token);
        }
    }

    private static int Lowest(ReadOnlySpan<int> values)
    {
        int lowest = MergeTable.None, i = 0;
        if (values.Length >= Vector<int>.Count)
        {
            var least = new Vector<int>(values);
            for (i = Vector<int>.Count; i + Vector<int>.Count <= values.Length; i += Vector<int>.Count) least = Vector.Min(least, new Vector<int>(values[i..]));
            for (int lane = 0; lane < Vector<int>.Count; lane++) lowest = Math.Min(lowest, least[lane]);
        }
        for (; i < values.Length; i++) lowest = Math.Min(lowest, values[i]);
        return lowest;
    }
}
