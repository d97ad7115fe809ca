namespace ScalingLab.Laws.Fitting;

/// <summary>How a Chinchilla law is fitted.</summary>
public sealed record ChinchillaFitOptions
{
    /// <summary>What is made small.</summary>
    public Objective Objective { get; init; } = Objective.Default;

    /// <summary>Parameters held at a value, by their names in <see cref="ChinchillaLaw.ParameterNames"/>.</summary>
    public IReadOnlyDictionary<string, double> Fixed { get; init; } = new Dictionary<string, double>();

    /// <summary>Values of α and of β whose pairs start the search.</summary>
    public IReadOnlyList<double> StartExponents { get; init; } = [0.1, 0.25, 0.5, 1.0];

    /// <summary>Least exponent: below it A/N^α is a constant for any range of N met in practice.</summary>
    public const double SmallestExponent = 0.005;

    /// <summary>Largest exponent.</summary>
    public const double LargestExponent = 5;
}
