namespace ScalingLab.Laws.Fitting;

/// <summary>A local minimum that at least one start reached.</summary>
/// <param name="Law">The law there.</param>
/// <param name="Objective">Value of the objective.</param>
/// <param name="Starts">How many starts ended there.</param>
public sealed record Basin(ChinchillaLaw Law, double Objective, int Starts);

/// <summary>A fitted Chinchilla law and how the solver came by it.</summary>
public sealed record ChinchillaFit
{
    /// <summary>The best law found.</summary>
    public required ChinchillaLaw Law { get; init; }

    /// <summary>What was made small.</summary>
    public required Objective Objective { get; init; }

    /// <summary>Its value: a sum over observations, or the mean when <see cref="Objective.Reduction"/> says so.</summary>
    public required double Value { get; init; }

    /// <summary>Why the solver stopped at the best law.</summary>
    public required StopReason Reason { get; init; }

    /// <summary>Largest relative gradient, |Σ terms| / Σ |terms|, among free parameters.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>
    /// Condition of the scaled Gauss-Newton matrix in the free variables (E, A', B', α, β) centred amid the data, unit diagonal:
    /// 1 when the parameters do not compete at all; infinite when two of them cannot be told apart.
    /// </summary>
    public required double Condition { get; init; }

    /// <summary>Number of starts.</summary>
    public required int Starts { get; init; }

    /// <summary>Starts that ended within 1e-6 of the best value, relatively.</summary>
    public required int StartsAgreeing { get; init; }

    /// <summary>Starts that the data moved: their end has other exponents, unless both are held.</summary>
    public required int StartsMoved { get; init; }

    /// <summary>Local minima other than the best, lowest first.</summary>
    public required IReadOnlyList<Basin> OtherBasins { get; init; }

    /// <summary>Parameters that lie on a bound: A, B or E at 0, an exponent at the end of its range.</summary>
    public required IReadOnlyList<string> AtBound { get; init; }

    /// <summary>Values of the objective computed over all starts.</summary>
    public required int Evaluations { get; init; }

    /// <summary>Whether the best law is a stationary point.</summary>
    public bool Converged => Reason is StopReason.SmallGradient or StopReason.SmallStep or StopReason.AtBound;
}
