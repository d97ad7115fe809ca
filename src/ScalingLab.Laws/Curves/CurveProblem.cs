using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>The objective of a curve's fit, with exact derivatives summed from jets.</summary>
/// <remarks>
/// With f = ln L̂: r = f − ln L, ∇r = ∇f, ∇²r = ∇²f; or raw, r = e^f − L, ∇r = e^f ∇f, ∇²r = e^f (∇²f + ∇f∇fᵀ).
/// Then ∇ = Σ w ρ' ∇r, H = Σ w (ρ'' ∇r∇rᵀ + ρ' ∇²r), and the metric is that of <see cref="ChinchillaProblem"/>: Σ w (ρ'/r) ∇r∇rᵀ.
/// </remarks>
public sealed class CurveProblem : IPenalisedProblem
{
    private readonly LossCurve _curve;
    private readonly FitPoints _points;
    private readonly bool _log;
    private readonly double[] _weights, _loss, _gradient, _scale, _hessian, _metric, _first;
    private readonly Jet[] _x;
    private readonly int[] _free;
    private double _delta = double.PositiveInfinity, _factor = 1, _above = 1;

    /// <summary>Every point once, with its own loss.</summary>
    /// <param name="curve">Law.</param>
    /// <param name="points">Observations.</param>
    /// <param name="scale">Scale of the residuals.</param>
    /// <param name="held">Variables without derivatives; null for none.</param>
    public CurveProblem(LossCurve curve, FitPoints points, ResidualScale scale, bool[]? held = null)
    {
        _free = [.. Enumerable.Range(0, curve.Parameters.Count).Where(i => held?[i] != true)];
        (_curve, _points, _log) = (curve, points, scale == ResidualScale.Log);
        int n = curve.Parameters.Count;
        _weights = new double[points.Count];
        Array.Fill(_weights, 1);
        _loss = [.. points.Loss];
        (_gradient, _scale, _first, _x) = (new double[n], new double[n], new double[n], new Jet[n]);
        (_hessian, _metric) = (new double[n * n], new double[n * n]);
    }

    /// <inheritdoc/>
    public int Dimension => _x.Length;

    /// <summary>Weight of each point, 0 to leave it out.</summary>
    public Span<double> Weights => _weights;

    /// <summary>Loss of each point.</summary>
    public Span<double> Loss => _loss;

    /// <inheritdoc/>
    public void SetPenalty(double delta, double factor, double above = 1) => (_delta, _factor, _above) = (delta, factor, above);

    /// <inheritdoc/>
    public double Value(ReadOnlySpan<double> x)
    {
        for (int i = 0; i < _x.Length; i++)
            _x[i] = x[i];
        for (int i = 0; i < _free.Length; i++)
            _x[_free[i]] = Jet.Variable(x[_free[i]], i, _free.Length); // Held variables cost no derivatives.
        foreach (double[] sums in new[] { _gradient, _scale, _hessian, _metric })
            Array.Clear(sums);
        double total = 0;
        for (int k = 0; k < _points.Count; k++)
        {
            if (_weights[k] > 0)
                total += Add(k, _curve.LogLoss(_points.Setting(k), _x));
        }
        return total;
    }

    /// <inheritdoc/>
    public void Derivatives(Span<double> gradient, Span<double> gradientScale, Span<double> hessian, Span<double> metric)
    {
        _gradient.CopyTo(gradient);
        _scale.CopyTo(gradientScale);
        _hessian.CopyTo(hessian);
        _metric.CopyTo(metric);
    }

    /// <inheritdoc/>
    public void Residuals(ReadOnlySpan<double> x, Span<double> residuals, Span<double> jacobian)
    {
        int n = _x.Length;
        jacobian.Clear();
        for (int i = 0; i < n; i++)
            _x[i] = x[i];
        for (int i = 0; i < _free.Length; i++)
            _x[_free[i]] = Jet.Variable(x[_free[i]], i, _free.Length);
        for (int k = 0; k < _points.Count; k++)
        {
            Jet f = _curve.LogLoss(_points.Setting(k), _x);
            double by = _log ? 1 : Math.Exp(f.Value);
            residuals[k] = _log ? f.Value - Math.Log(_loss[k]) : by - _loss[k];
            for (int i = 0; i < _free.Length; i++)
                jacobian[k * n + _free[i]] = by * f.Gradient(i);
        }
    }

    private double Add(int k, in Jet f)
    {
        int n = _x.Length;
        double by = _log ? 1 : Math.Exp(f.Value); // ∂r/∂f, and ∂²r/∂f² when raw
        double r = _log ? f.Value - Math.Log(_loss[k]) : by - _loss[k], size = Math.Abs(r);
        double w = _weights[k] * _factor * (r > 0 ? _above : 1);
        bool inside = size <= _delta;
        double slope = w * (inside ? r : Math.CopySign(_delta, r)), curvature = inside ? w : 0, weight = inside ? w : w * _delta / size;
        for (int i = 0; i < _free.Length; i++)
        {
            double g = _first[i] = by * f.Gradient(i);
            int row = _free[i];
            _gradient[row] += slope * g;
            _scale[row] += Math.Abs(slope * g);
            for (int j = 0; j <= i; j++)
            {
                double product = g * _first[j], second = by * f.Hessian(i, j) + (_log ? 0 : product / by);
                _hessian[row * n + _free[j]] += curvature * product + slope * second;
                _metric[row * n + _free[j]] += weight * product;
            }
        }
        return w * (inside ? r * r / 2 : _delta * (size - _delta / 2));
    }
}
