namespace ScalingLab.Plotting.Axes;

/// <summary>How values lie along an axis.</summary>
internal abstract class AxisScale
{
    /// <summary>Value at the start of the axis.</summary>
    public abstract double Low { get; }

    /// <summary>Value at its end, above <see cref="Low"/>.</summary>
    public abstract double High { get; }

    /// <summary>Place of a value: 0 at the low end, 1 at the high end; NaN for a value that has no place on this axis.</summary>
    public abstract double Place(double value);

    /// <summary>Value at a place; the inverse of <see cref="Place"/>.</summary>
    public abstract double Value(double place);

    /// <summary>Ticks from low to high, at most about <paramref name="labels"/> of them labelled.</summary>
    public abstract IReadOnlyList<Tick> Ticks(int labels);
}
