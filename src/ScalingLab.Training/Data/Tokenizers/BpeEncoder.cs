using System.Runtime.InteropServices;

namespace ScalingLab.Training.Data;

/// <summary>Applies merges to text, remembering the pieces it has seen. One thread's.</summary>
/// <remarks>Within a piece the present pair of lowest rank is merged, the leftmost first, until no pair has a rank.</remarks>
internal sealed class BpeEncoder(MergeTable table)
{
    private const int LongestRemembered = 64; // bytes; longer pieces hardly repeat
    private const int MostRemembered = 1 << 18;
    private const int LongestScanned = 1024; // bytes; beyond this a scan for each merge costs more than a queue

    private readonly record struct Remembered(int Start, int Length);

    private readonly PieceTable<Remembered> seen = new();
    private readonly List<int> seenIds = [];
    private readonly int[] scannedIds = new int[LongestScanned];
    private readonly int[] scratch = new int[LongestScanned];

    /// <summary>Appends the ids of a text.</summary>
    public void Encode(ReadOnlySpan<byte> text, List<int> ids)
    {
        foreach (ReadOnlySpan<byte> piece in new PreTokenizer(text))
        {
            if (piece.Length == 1)
            {
                ids.Add(piece[0]);
            }
            else if (piece.Length > LongestScanned)
            {
                ids.AddRange(BpeLongPiece.Merge(piece, table));
            }
            else if (piece.Length <= LongestRemembered && seen.TryGet(piece, out Remembered remembered))
            {
                ids.AddRange(CollectionsMarshal.AsSpan(seenIds).Slice(remembered.Start, remembered.Length));
            }
            else
            {
                ReadOnlySpan<int> merged = scannedIds.AsSpan(0, BpePiece.Merge(piece, table, scannedIds, scratch));
                ids.AddRange(merged);
                if (piece.Length <= LongestRemembered && seen.Count < MostRemembered) Remember(piece, merged);
            }
        }
    }

    private void Remember(ReadOnlySpan<byte> piece, ReadOnlySpan<int> ids)
    {
        seen.Slot(piece) = new(seenIds.Count, ids.Length);
        seenIds.AddRange(ids);
    }
}
