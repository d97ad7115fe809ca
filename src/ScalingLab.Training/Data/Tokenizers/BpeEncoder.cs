using System.Runtime.InteropServices;

namespace ScalingLab.Training.Data;

/// <summary>Applies merges to text, remembering the pieces it has seen. One thread's.</summary>
/// <remarks>Within a piece the present pair of lowest rank is merged, the leftmost first, until no pair has a rank.</remarks>
internal sealed class BpeEncoder(Dictionary<ulong, int> mergedIds)
{
    private const int LongestRemembered = 64; // bytes; longer pieces hardly repeat
    private const int MostRemembered = 1 << 18;
    private const int LongestScanned = 96; // ids; beyond this a scan for each merge costs more than a queue

    private readonly record struct Remembered(int Start, int Length);

    private readonly PieceTable<Remembered> _seen = new();
    private readonly List<int> _seenIds = [];
    private readonly List<int> _piece = [];

    /// <summary>Appends the ids of a text.</summary>
    public void Encode(ReadOnlySpan<byte> text, List<int> ids)
    {
        foreach (ReadOnlySpan<byte> piece in new PreTokenizer(text))
        {
            if (piece.Length == 1)
            {
                ids.Add(piece[0]);
            }
            else if (piece.Length <= LongestRemembered && _seen.TryGet(piece, out Remembered remembered))
            {
                ids.AddRange(CollectionsMarshal.AsSpan(_seenIds).Slice(remembered.Start, remembered.Length));
            }
            else
            {
                MergePiece(piece);
                ids.AddRange(CollectionsMarshal.AsSpan(_piece));
                if (piece.Length <= LongestRemembered && _seen.Count < MostRemembered) Remember(piece);
            }
        }
    }

    private void Remember(ReadOnlySpan<byte> piece)
    {
        _seen.Slot(piece) = new(_seenIds.Count, _piece.Count);
        _seenIds.AddRange(CollectionsMarshal.AsSpan(_piece));
    }

    private void MergePiece(ReadOnlySpan<byte> piece)
    {
        _piece.Clear();
        foreach (byte b in piece) _piece.Add(b);
        if (_piece.Count > LongestScanned) BpeLongPiece.Merge(_piece, mergedIds);
        else MergeByScanning();
    }

    private void MergeByScanning()
    {
        while (true)
        {
            int lowest = int.MaxValue, at = -1; // a merge's id is 256 + its rank, so the lowest id goes first
            for (int i = 0; i + 1 < _piece.Count; i++)
            {
                if (!mergedIds.TryGetValue(BpeMerge.KeyOf(_piece[i], _piece[i + 1]), out int merged) || merged >= lowest) continue;
                lowest = merged;
                at = i;
            }
            if (at < 0) return;
            _piece[at] = lowest;
            _piece.RemoveAt(at + 1);
        }
    }
}
