namespace ScalingLab.Laws.Fitting;

/// <summary>A sum of penalised residuals whose penalty can be changed between minimisations.</summary>
public interface IPenalisedProblem : ISmoothProblem
{
    /// <summary>Penalty factor·Huber_δ(r), times <paramref name="above"/> where r is above 0; δ = +∞ makes it factor·r²/2.</summary>
    void SetPenalty(double delta, double factor, double above = 1);

    /// <summary>Residuals at a point, predicted less observed, and their first derivatives.</summary>
    /// <param name="x">Point.</param>
    /// <param name="residuals">One an observation loaded.</param>
    /// <param name="jacobian">∂r_i/∂x_k at i·<see cref="ISmoothProblem.Dimension"/> + k.</param>
    void Residuals(ReadOnlySpan<double> x, Span<double> residuals, Span<double> jacobian);
}
