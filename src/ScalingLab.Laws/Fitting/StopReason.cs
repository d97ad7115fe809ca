namespace ScalingLab.Laws.Fitting;

/// <summary>Why a solver stopped.</summary>
public enum StopReason
{
    /// <summary>The relative gradient is below its tolerance: a stationary point.</summary>
    SmallGradient,

    /// <summary>No step lowers the value further in double precision.</summary>
    SmallStep,

    /// <summary>A stationary point on a bound: A, B or E at 0, or an exponent at the end of its range.</summary>
    AtBound,

    /// <summary>The limit of evaluations came first.</summary>
    EvaluationLimit,

    /// <summary>The value was not finite at the start.</summary>
    NonFinite,
}

/// <summary>What a solver returns beside the point itself.</summary>
/// <param name="Value">Value of the objective.</param>
/// <param name="Reason">Why it stopped.</param>
/// <param name="Evaluations">Values computed.</param>
/// <param name="GradientNorm">Largest relative gradient among the free variables: |Σ terms| / Σ |terms|.</param>
public readonly record struct SolverOutcome(double Value, StopReason Reason, int Evaluations, double GradientNorm)
{
    /// <summary>Whether the point is stationary as far as double precision tells.</summary>
    public bool Converged => Reason is StopReason.SmallGradient or StopReason.SmallStep or StopReason.AtBound;
}
