namespace ScalingLab.Training.Sampling;

/// <summary>How the next token is drawn from the model's scores.</summary>
/// <param name="Temperature">Divides the scores, 0 or more; 0 takes the highest score (greedy).</param>
/// <param name="TopK">Only the so many highest scores take part, 1 or more; null for all. Of equal scores the lower id comes first.</param>
public sealed record TokenChoice(double Temperature = 1, int? TopK = null)
{
    /// <summary>Draws an id: p_i ∝ exp(score_i / temperature) over the highest scores. Fan et al. 2018, arXiv:1805.04833, Sec. 5 (top-k).</summary>
    /// <param name="scores">Scores of all ids, finite.</param>
    /// <param name="uniform">A number from 0 to below 1; unused when greedy.</param>
    /// <exception cref="ArgumentException">A score is not finite.</exception>
    public int Of(ReadOnlySpan<float> scores, double uniform)
    {
        foreach (float score in scores)
            if (!float.IsFinite(score))
                throw new ArgumentException($"A score is {score}.", nameof(scores));
        int best = Highest(scores);
        if (Temperature == 0 || TopK == 1)
            return best;

        // In order of id, so that a uniform number means the same whatever k.
        bool[]? taken = TopK < scores.Length ? Taken(scores, TopK.Value) : null;
        var weights = new double[scores.Length];
        double total = 0;
        for (int i = 0; i < weights.Length; i++)
            if (taken is null || taken[i])
                total += weights[i] = Math.Exp((scores[i] - (double)scores[best]) / Temperature); // at most 1, and 1 for the best
        double wanted = uniform * total;
        for (int i = 0; i < weights.Length; i++)
            if (weights[i] > 0 && (wanted -= weights[i]) < 0)
                return i;
        return best; // rounding left nothing: 1 in 10^16
    }

    private static int Highest(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best])
                best = i;
        return best;
    }

    private static bool[] Taken(ReadOnlySpan<float> scores, int count)
    {
        float[] keys = scores.ToArray();
        var ids = new int[keys.Length];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = i;
        Array.Sort(ids, (a, b) => keys[a] != keys[b] ? keys[b].CompareTo(keys[a]) : a.CompareTo(b));
        var taken = new bool[keys.Length];
        foreach (int id in ids.AsSpan(0, count))
            taken[id] = true;
        return taken;
    }
}
