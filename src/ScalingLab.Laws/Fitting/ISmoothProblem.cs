namespace ScalingLab.Laws.Fitting;

/// <summary>A function to make small, with its first and second derivatives. The solver knows nothing else of it.</summary>
public interface ISmoothProblem
{
    /// <summary>Number of variables.</summary>
    int Dimension { get; }

    /// <summary>Value at <paramref name="x"/>; the point becomes the one of <see cref="Derivatives"/>.</summary>
    double Value(ReadOnlySpan<double> x);

    /// <summary>Derivatives at the point last valued.</summary>
    /// <param name="gradient">First derivatives.</param>
    /// <param name="gradientScale">For each, the sum of the absolute values of its terms: what a relative gradient is relative to.</param>
    /// <param name="hessian">Exact second derivatives, row by row, lower triangle filled.</param>
    /// <param name="metric">A positive semi-definite stand-in for the Hessian, row by row, lower triangle filled.</param>
    void Derivatives(Span<double> gradient, Span<double> gradientScale, Span<double> hessian, Span<double> metric);
}
