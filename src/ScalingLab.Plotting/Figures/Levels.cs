namespace ScalingLab.Plotting.Figures;

/// <summary>At which values of the held quantity the curves of a cut are drawn.</summary>
internal static class Levels
{
    private const int Most = 8, Chosen = 6;

    /// <summary>All the values when they are few (a grid); else round ones, evenly spread over their logarithms.</summary>
    public static IReadOnlyList<double> Of(IReadOnlyList<double> ascending)
    {
        if (ascending.Count <= Most)
            return ascending;
        double low = Math.Log(ascending[0]), high = Math.Log(ascending[^1]);
        return [.. Enumerable.Range(0, Chosen).Select(i => Rounded(Math.Exp(low + (high - low) * i / (Chosen - 1)))).Distinct()];
    }

    private static double Rounded(double value)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return Math.Max(1, Math.Round(value / power)) * power;
    }
}
