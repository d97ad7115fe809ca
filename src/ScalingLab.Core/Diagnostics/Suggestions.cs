namespace ScalingLab.Core.Diagnostics;

/// <summary>What the user probably meant.</summary>
public static class Suggestions
{
    private const int LongestWord = 64; // The distance costs length × length: a word longer than any of our names is no misspelling of one.

    /// <summary>The candidate with the fewest typing slips from <paramref name="word"/>, of equals the one with the longer common start; null when none is near.</summary>
    /// <remarks>Near is at most a third of the longer word's letters, and at least one slip is always allowed. Case is not a slip.</remarks>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        string? nearest = null;
        int least = int.MaxValue;
        if (word.Length is 0 or > LongestWord)
            return null;
        foreach (string candidate in candidates)
        {
            int allowed = Math.Max(1, Math.Max(word.Length, candidate.Length) / 3);
            if (Math.Abs(word.Length - candidate.Length) > allowed)
                continue;
            int distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            bool longerStart = nearest is not null && distance == least && word.AsSpan().CommonPrefixLength(candidate) > word.AsSpan().CommonPrefixLength(nearest);
            if (distance <= allowed && (distance < least || longerStart))
                (nearest, least) = (candidate, distance);
        }
        return nearest;
    }

    /// <summary>A ready sentence for <see cref="Diagnostic.Help"/>: <c>did you mean 'batch'?</c>; null when nothing is near.</summary>
    public static string? DidYouMean(string word, IEnumerable<string> candidates) =>
        Nearest(word, candidates) is { } near ? $"did you mean '{near}'?" : null;

    /// <summary>Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and swaps of neighbours.</summary>
    public static int Distance(string a, string b)
    {
        int[] beforeLast = new int[b.Length + 1], last = new int[b.Length + 1], row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            (beforeLast, last, row) = (last, row, beforeLast);
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(substituted, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }
        }
        return row[b.Length];
    }
}
