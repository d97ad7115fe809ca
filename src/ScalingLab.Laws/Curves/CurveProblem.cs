using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>The objective of a curve's fit, with exact derivatives summed from jets.</summary>
/// <remarks>
/// With f = ln L̂: r = f − ln L, ∇r = ∇f, ∇²r = ∇²f; or raw, r = e^f − L, ∇r = e^f ∇f, ∇²r = e^f (∇²f + ∇f∇fᵀ).
/// Then ∇ = Σ w ρ' ∇r, H = Σ w (ρ'' ∇r∇rᵀ + ρ' ∇²r), and the metric is that of <see cref="ChinchillaProblem"/>: Σ w (ρ'/r) ∇r∇rᵀ.
/// </remarks>
public sealed class CurveProblem : ISmoothProblem
{
    private readonly LossCurve curve;
    private readonly FitPoints points;
    private readonly bool log;
    private readonly double[] weights, loss, gradientSums, gradientSizes, hessianSums, metricSums, slopes;
    private readonly Jet[] variables;
    private readonly int[] freeVariables;
    private double huberDelta = double.PositiveInfinity, penaltyFactor = 1, factorAbove = 1;

    /// <summary>Every point once, with its own loss.</summary>
    /// <param name="curve">Law.</param>
    /// <param name="points">Observations.</param>
    /// <param name="scale">Scale of the residuals.</param>
    /// <param name="held">Variables without derivatives; null for none.</param>
    public CurveProblem(LossCurve curve, FitPoints points, ResidualScale scale, bool[]? held = null)
    {
        freeVariables = [.. Enumerable.Range(0, curve.Parameters.Count).Where(i => held?[i] != true)];
        (this.curve, this.points, log) = (curve, points, scale == ResidualScale.Log);
        int n = curve.Parameters.Count;
        weights = new double[points.Count];
        Array.Fill(weights, 1);
        loss = [.. points.Loss];
        (gradientSums, gradientSizes, slopes, variables) = (new double[n], new double[n], new double[n], new Jet[n]);
        (hessianSums, metricSums) = (new double[n * n], new double[n * n]);
    }

    /// <inheritdoc/>
    public int Dimension => variables.Length;

    /// <summary>Weight of each point, 0 to leave it out.</summary>
    public Span<double> Weights => weights;

    /// <summary>Loss of each point.</summary>
    public Span<double> Loss => loss;

    /// <summary>As <see cref="ChinchillaProblem.SetPenalty"/>.</summary>
    public void SetPenalty(double delta, double factor, double above = 1) => (huberDelta, penaltyFactor, factorAbove) = (delta, factor, above);

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<double> x)
    {
        for (int i = 0; i < variables.Length; i++)
            variables[i] = x[i];
        for (int i = 0; i < freeVariables.Length; i++)
            variables[freeVariables[i]] = Jet.Variable(x[freeVariables[i]], i, freeVariables.Length); // Held variables cost no derivatives.
        foreach (double[] sums in new[] { gradientSums, gradientSizes, hessianSums, metricSums })
            Array.Clear(sums);
        double total = 0;
        for (int k = 0; k < points.Count; k++)
        {
            if (weights[k] > 0)
                total += Add(k, curve.LogLoss(points.Setting(k), variables));
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

    private double Add(int k, in Jet f)
    {
        int n = variables.Length;
        double by = log ? 1 : Math.Exp(f.Value); // ∂r/∂f, and ∂²r/∂f² when raw
        double r = log ? f.Value - Math.Log(loss[k]) : by - loss[k], size = Math.Abs(r);
        double w = weights[k] * penaltyFactor * (r > 0 ? factorAbove : 1);
        bool inside = size <= huberDelta;
        double slope = w * (inside ? r : Math.CopySign(huberDelta, r)), curvature = inside ? w : 0, weight = inside ? w : w * huberDelta / size;
        for (int i = 0; i < freeVariables.Length; i++)
        {
            double g = slopes[i] = by * f.Gradient(i);
            int row = freeVariables[i];
            gradientSums[row] += slope * g;
            gradientSizes[row] += Math.Abs(slope * g);
            for (int j = 0; j <= i; j++)
            {
                double product = g * slopes[j], second = by * f.Hessian(i, j) + (log ? 0 : product / by);
                hessianSums[row * n + freeVariables[j]] += curvature * product + slope * second;
                metricSums[row * n + freeVariables[j]] += weight * product;
            }
        }
        return w * (inside ? r * r / 2 : huberDelta * (size - huberDelta / 2));
    }
}
