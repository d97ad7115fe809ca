using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>The objective of a curve's fit, with exact derivatives summed over the points.</summary>
/// <remarks>
/// With f = ln L̂: r = f − ln L, ∇r = ∇f, ∇²r = ∇²f; or raw, r = e^f − L, ∇r = e^f ∇f, ∇²r = e^f (∇²f + ∇f∇fᵀ).
/// Then ∇ = Σ w ρ' ∇r, H = Σ w (ρ'' ∇r∇rᵀ + ρ' ∇²r), and the metric is that of <see cref="ChinchillaProblem"/>: Σ w (ρ'/r) ∇r∇rᵀ.
/// </remarks>
public sealed class CurveProblem : IPenalisedProblem
{
    private readonly CurveEvaluator evaluator;
    private readonly FitPoints points;
    private readonly bool log;
    private readonly double[] weights, loss, gradientSums, gradientSizes, hessianSums, metricSums, slopes, logSlopes, logCurvatures;
    private readonly int[] freeVariables;
    private double huberDelta = double.PositiveInfinity, penaltyFactor = 1, factorAbove = 1;

    /// <summary>Every point with its own weight and loss.</summary>
    /// <param name="curve">Law.</param>
    /// <param name="points">Observations.</param>
    /// <param name="scale">Scale of the residuals.</param>
    /// <param name="held">Variables without derivatives; null for none.</param>
    public CurveProblem(LossCurve curve, FitPoints points, ResidualScale scale, bool[]? held = null)
    {
        freeVariables = [.. Enumerable.Range(0, curve.Parameters.Count).Where(i => held?[i] != true)];
        evaluator = curve.Evaluator(freeVariables);
        (this.points, log) = (points, scale == ResidualScale.Log);
        int n = curve.Parameters.Count;
        weights = points.Weights(scale);
        loss = [.. points.Loss];
        (gradientSums, gradientSizes, slopes) = (new double[n], new double[n], new double[n]);
        (logSlopes, logCurvatures) = (new double[freeVariables.Length], new double[freeVariables.Length * (freeVariables.Length + 1) / 2]);
        (hessianSums, metricSums) = (new double[n * n], new double[n * n]);
    }

    /// <inheritdoc/>
    public int Dimension => slopes.Length;

    /// <summary>Weight of each point, 0 to leave it out.</summary>
    public Span<double> Weights => weights;

    /// <summary>Loss of each point.</summary>
    public Span<double> Loss => loss;

    /// <inheritdoc/>
    public void SetPenalty(double delta, double factor, double above = 1) => (huberDelta, penaltyFactor, factorAbove) = (delta, factor, above);

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<double> x)
    {
        evaluator.Move(x);
        foreach (double[] sums in new[] { gradientSums, gradientSizes, hessianSums, metricSums })
            Array.Clear(sums);
        double total = 0;
        for (int k = 0; k < points.Count; k++)
        {
            if (weights[k] > 0)
                total += Add(k, evaluator.LogLoss(points.Setting(k), logSlopes, logCurvatures));
        }
        return total;
    }

    /// <inheritdoc/>
    public void Derivatives(Span<double> gradient, Span<double> gradientScale, Span<double> hessian, Span<double> metric)
    {
        gradientSums.CopyTo(gradient);
        gradientSizes.CopyTo(gradientScale);
        hessianSums.CopyTo(hessian);
        metricSums.CopyTo(metric);
    }

    /// <inheritdoc/>
    public void Residuals(ReadOnlySpan<double> x, Span<double> residuals, Span<double> jacobian)
    {
        jacobian.Clear();
        evaluator.Move(x);
        for (int k = 0; k < points.Count; k++)
        {
            double f = evaluator.LogLoss(points.Setting(k), logSlopes, logCurvatures), by = log ? 1 : Math.Exp(f);
            residuals[k] = log ? f - Math.Log(loss[k]) : by - loss[k];
            for (int i = 0; i < freeVariables.Length; i++)
                jacobian[k * Dimension + freeVariables[i]] = by * logSlopes[i];
        }
    }

    private double Add(int k, double f)
    {
        int n = slopes.Length;
        double by = log ? 1 : Math.Exp(f); // ∂r/∂f, and ∂²r/∂f² when raw
        double r = log ? f - Math.Log(loss[k]) : by - loss[k], size = Math.Abs(r);
        double w = weights[k] * penaltyFactor * (r > 0 ? factorAbove : 1);
        bool inside = size <= huberDelta;
        double slope = w * (inside ? r : Math.CopySign(huberDelta, r)), curvature = inside ? w : 0, weight = inside ? w : w * huberDelta / size;
        for (int i = 0, at = 0; i < freeVariables.Length; i++)
        {
            double g = slopes[i] = by * logSlopes[i];
            int row = freeVariables[i];
            gradientSums[row] += slope * g;
            gradientSizes[row] += Math.Abs(slope * g);
            for (int j = 0; j <= i; j++, at++)
            {
                double product = g * slopes[j], second = by * logCurvatures[at] + (log ? 0 : product / by);
                hessianSums[row * n + freeVariables[j]] += curvature * product + slope * second;
                metricSums[row * n + freeVariables[j]] += weight * product;
            }
        }
        return w * (inside ? r * r / 2 : huberDelta * (size - huberDelta / 2));
    }
}
