using System.Runtime.InteropServices;

namespace ScalingLab.Training.Data;

/// <summary>Applies merges to text, remembering the pieces it has seen. One thread's.</summary>
/// <remarks>Within a piece the present pair of lowest rank is merged, the leftmost first, until no pair has a rank.</remarks>
/// <param name="mergedIds">256 + rank of each pair.</param>
/// <param name="standsFor">The id that each such id stands for, where two merges spell one token; null where none do.</param>
internal sealed class BpeEncoder(Dictionary<ulong, int> mergedIds, int[]? standsFor = null)
{
    private const int LongestRemembered = 64; // bytes; longer pieces hardly repeat
    private const int MostRemembered = 1 << 18;
    private const int LongestScanned = 96; // ids; beyond this a scan for each merge costs more than a queue

    private readonly record struct Remembered(int Start, int Length);

    private readonly PieceTable<Remembered> seen = new();
    private readonly List<int> seenIds = [];
    private readonly List<int> pieceIds = [];

    /// <summary>Appends the ids of a text.</summary>
    public void Encode(ReadOnlySpan<byte> text, List<int> ids)
    {
        foreach (ReadOnlySpan<byte> piece in new PreTokenizer(text))
        {
            if (piece.Length == 1)
            {
                ids.Add(piece[0]);
            }
            else if (piece.Length <= LongestRemembered && seen.TryGet(piece, out Remembered remembered))
            {
                ids.AddRange(CollectionsMarshal.AsSpan(seenIds).Slice(remembered.Start, remembered.Length));
            }
            else
            {
                MergePiece(piece);
                ids.AddRange(CollectionsMarshal.AsSpan(pieceIds));
                if (piece.Length <= LongestRemembered && seen.Count < MostRemembered) Remember(piece);
            }
        }
    }

    private void Remember(ReadOnlySpan<byte> piece)
    {
        seen.Slot(piece) = new(seenIds.Count, pieceIds.Count);
        seenIds.AddRange(CollectionsMarshal.AsSpan(pieceIds));
    }

    private void MergePiece(ReadOnlySpan<byte> piece)
    {
        pieceIds.Clear();
        foreach (byte b in piece) pieceIds.Add(b);
        if (pieceIds.Count > LongestScanned) BpeLongPiece.Merge(pieceIds, mergedIds, standsFor);
        else MergeByScanning();
    }

    private void MergeByScanning()
    {
        while (true)
        {
            int lowest = int.MaxValue, at = -1; // a merge's id is 256 + its rank, so the lowest id goes first
            for (int i = 0; i + 1 < pieceIds.Count; i++)
            {
                if (!mergedIds.TryGetValue(BpeMerge.KeyOf(pieceIds[i], pieceIds[i + 1]), out int merged) || merged >= lowest) continue;
                lowest = merged;
                at = i;
            }
            if (at < 0) return;
            pieceIds[at] = standsFor is null ? lowest : standsFor[lowest];
            pieceIds.RemoveAt(at + 1);
        }
    }
}
