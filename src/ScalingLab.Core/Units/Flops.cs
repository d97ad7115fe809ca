namespace ScalingLab.Core.Units;

/// <summary>A count of floating-point operations, a multiply-add counted as two. Held as a double: training budgets pass 10^19.</summary>
public readonly record struct Flops(double Count)
{
    /// <summary>The mean rate when this many operations took <paramref name="elapsed"/>.</summary>
    public FlopsPerSecond Over(TimeSpan elapsed) => new(Count / elapsed.TotalSeconds);

    /// <summary>Sum of two counts.</summary>
    public static Flops operator +(Flops left, Flops right) => new(left.Count + right.Count);
}
