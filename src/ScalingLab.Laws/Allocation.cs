namespace ScalingLab.Laws;

/// <summary>How a budget is spent: a model of so many parameters trained on so many tokens.</summary>
/// <param name="Parameters">N, in the counting convention of the law that gave it.</param>
/// <param name="Tokens">D, tokens trained on.</param>
public readonly record struct Allocation(double Parameters, double Tokens)
{
    /// <summary>D / N.</summary>
    public double TokensPerParameter => Tokens / Parameters;
}
