namespace ScalingLab.Laws.Intervals;

/// <summary>Why a profile's interval has no end on one side.</summary>
public enum OpenEnd
{
    /// <summary>It has one.</summary>
    None,

    /// <summary>The deviance stays below its critical value as far as was looked: the data do not bound the quantity on this side.</summary>
    Flat,

    /// <summary>Likewise up to the end of the range that the law allows.</summary>
    EndOfRange,

    /// <summary>The end is the quantity's own bound, as 0 is for E: the interval holds it.</summary>
    OwnBound,

    /// <summary>The solver found no constrained minimum on the way.</summary>
    NoMinimum,
}

/// <summary>A value of a quantity and the deviance of the best fit that has it.</summary>
/// <param name="Value">Value.</param>
/// <param name="Deviance">Twice the fall of the ln likelihood, its scale fitted anew; 0 at the fit.</param>
public readonly record struct ProfilePoint(double Value, double Deviance);

/// <summary>The profile likelihood of one quantity.</summary>
/// <param name="Quantity">Quantity.</param>
/// <param name="Estimate">Its value at the fit.</param>
/// <param name="Low">Lower end of the interval; null when open.</param>
/// <param name="High">Upper end; null when open.</param>
/// <param name="LowReason">Why the lower end is open.</param>
/// <param name="HighReason">Why the upper end is open.</param>
/// <param name="Points">The profile, by ascending value.</param>
/// <param name="CriticalDeviance">Deviance at the ends.</param>
/// <param name="Dispersion">What the deviance is too large by on average, by the sandwich; null when the likelihood was taken at its word.</param>
/// <param name="LowerMinimum">Whether a constrained fit came out better than the fit itself: that fit is not the best.</param>
public sealed record LikelihoodProfile(Quantity Quantity, double Estimate, double? Low, double? High, OpenEnd LowReason, OpenEnd HighReason, IReadOnlyList<ProfilePoint> Points,
    double CriticalDeviance, double? Dispersion, bool LowerMinimum)
{
    /// <summary>Whether the interval holds a value; an open end holds all beyond it.</summary>
    public bool Contains(double value) => !(value < Low) && !(value > High);
}
