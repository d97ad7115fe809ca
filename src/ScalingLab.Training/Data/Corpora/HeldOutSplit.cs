namespace ScalingLab.Training.Data;

/// <summary>Which documents are held out for evaluation: whole ones, chosen by their text alone.</summary>
/// <remarks>
/// 1. Documents are ordered by the SHA-256 of their text, copies by their place.
/// 2. The first round(fraction · n) of that order are held out, at least one and never all.
/// The choice knows no seed and no machine, and another order of the same documents gives the same split. Documents added later move
/// others in or out only about the threshold. Exact copies are neighbours, so at most one text can lie on both sides.
/// </remarks>
public static class HeldOutSplit
{
    /// <summary>True for the documents that are held out, in the order of the corpus.</summary>
    /// <param name="documentHashes">SHA-256 of each document's text; two or more.</param>
    /// <param name="fraction">Share held out, above 0 and below 1.</param>
    public static bool[] HeldOut(IReadOnlyList<byte[]> documentHashes, double fraction)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(documentHashes.Count, 2);
        if (!(fraction is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "The held-out share must be above 0 and below 1.");
        int n = documentHashes.Count;
        int count = Math.Clamp((int)Math.Round(fraction * n, MidpointRounding.AwayFromZero), 1, n - 1);
        int[] order = Enumerable.Range(0, n).ToArray();
        Array.Sort(order, (a, b) =>
        {
            int byText = documentHashes[a].AsSpan().SequenceCompareTo(documentHashes[b]);
            return byText != 0 ? byText : a.CompareTo(b);
        });
        var heldOut = new bool[n];
        foreach (int document in order.AsSpan(0, count)) heldOut[document] = true;
        return heldOut;
    }
}
