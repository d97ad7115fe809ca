namespace ScalingLab.Planning.TestTime;

/// <summary>Answers to one problem, and how many of them were correct.</summary>
/// <param name="Samples">n, 1 or more.</param>
/// <param name="Correct">c, 0 to n.</param>
public readonly record struct SampleCount(int Samples, int Correct)
{
    /// <summary>Unbiased chance that at least one of k answers is correct: 1 − C(n−c, k)/C(n, k). Null when k exceeds n.</summary>
    /// <remarks>Chen et al. 2021, arXiv:2107.03374, Eq. 1; Brown et al. 2024, arXiv:2407.21787, Eq. 1. As a product of k factors, so that no binomial overflows.</remarks>
    public double? PassAt(int k)
    {
        if (k > Samples)
            return null;
        int wrong = Samples - Correct;
        if (wrong < k)
            return 1;
        double none = 1;
        if (k <= Correct)
        {
            for (int i = 0; i < k; i++)
                none *= (double)(wrong - i) / (Samples - i);
        }
        else
        {
            // C(n−c, k)/C(n, k) = C(n−k, c)/C(n, c): the shorter product.
            for (int i = 0; i < Correct; i++)
                none *= (double)(Samples - k - i) / (Samples - i);
        }
        return 1 - none;
    }
}

/// <summary>Coverage over a set of problems.</summary>
public static class Coverage
{
    /// <summary>Mean unbiased pass@k; null when a problem has fewer than k answers.</summary>
    public static double? At(IReadOnlyList<SampleCount> problems, int k)
    {
        double sum = 0;
        foreach (var problem in problems)
        {
            if (problem.PassAt(k) is not { } pass)
                return null;
            sum += pass;
        }
        return sum / problems.Count;
    }
}
