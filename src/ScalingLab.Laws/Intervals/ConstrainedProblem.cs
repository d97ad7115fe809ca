using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Intervals;

/// <summary>A problem with one variable eliminated, so that a quantity q keeps a given value.</summary>
/// <remarks>
/// 1. q(x) = target gives the eliminated variable x_j as a function φ of the others, by Newton's method in x_j.
/// 2. Differentiating the constraint once and twice: φ_i = −q_i/q_j, φ_il = −(q_il + q_ij φ_l + q_jl φ_i + q_jj φ_i φ_l)/q_j.
/// 3. By the chain rule the reduced gradient is g_i + g_j φ_i, and the reduced Hessian H_il + H_ij φ_l + H_jl φ_i + H_jj φ_i φ_l + g_j φ_il;
///    the metric likewise without the last term.
/// The eliminated variable is passed over in x: hold it in the solver, and read it from <see cref="Eliminated"/> afterwards.
/// </remarks>
public sealed class ConstrainedProblem(ISmoothProblem inner, JetFunction quantity) : ISmoothProblem
{
    private const int RootSteps = 60;
    private readonly int n = inner.Dimension;
    private readonly Jet[] jets = new Jet[inner.Dimension];
    private readonly double[] point = new double[inner.Dimension], slope = new double[inner.Dimension];
    private readonly double[] g = new double[inner.Dimension], s = new double[inner.Dimension], h = new double[inner.Dimension * inner.Dimension], m = new double[inner.Dimension * inner.Dimension];
    private double target;
    private int j;

    /// <inheritdoc/>
    public int Dimension => n;

    /// <summary>The eliminated variable at the point last valued.</summary>
    public double Eliminated => point[j];

    /// <summary>Chooses the value that the quantity keeps, on its own scale, and the variable that gives way.</summary>
    public void Constrain(double value, int eliminated) => (target, j) = (value, eliminated);

    /// <inheritdoc/>
    /// <returns>NaN where no value of the eliminated variable meets the constraint.</returns>
    public double Value(ReadOnlySpan<double> x)
    {
        x.CopyTo(point);
        return SolveForEliminated() ? inner.Value(point) : double.NaN;
    }

    /// <inheritdoc/>
    public void Derivatives(Span<double> gradient, Span<double> gradientScale, Span<double> hessian, Span<double> metric)
    {
        inner.Derivatives(g, s, h, m);
        for (int i = 0; i < n; i++)
            jets[i] = Jet.Variable(point[i], i, n);
        Jet q = quantity(jets);
        for (int i = 0; i < n; i++)
            slope[i] = -q.Gradient(i) / q.Gradient(j);
        for (int i = 0; i < n; i++)
        {
            bool kept = i != j;
            gradient[i] = kept ? g[i] + g[j] * slope[i] : 0;
            gradientScale[i] = kept ? s[i] + s[j] * Math.Abs(slope[i]) : 0;
            for (int l = 0; l <= i; l++)
            {
                bool both = kept && l != j;
                double bend = -(q.Hessian(i, l) + Of(q, i, j) * slope[l] + Of(q, l, j) * slope[i] + q.Hessian(j, j) * slope[i] * slope[l]) / q.Gradient(j);
                hessian[i * n + l] = both ? Reduced(h, i, l) + g[j] * bend : 0;
                metric[i * n + l] = both ? Reduced(m, i, l) : 0;
            }
        }
    }

    private double Reduced(double[] a, int i, int l) => a[i * n + l] + Of(a, i, j) * slope[l] + Of(a, l, j) * slope[i] + a[j * n + j] * slope[i] * slope[l];

    private double Of(double[] lower, int i, int l) => i >= l ? lower[i * n + l] : lower[l * n + i];

    private static double Of(in Jet q, int i, int l) => i >= l ? q.Hessian(i, l) : q.Hessian(l, i);

    // Step 1. Only x_j varies, so the jets have one variable.
    private bool SolveForEliminated()
    {
        for (int i = 0; i < n; i++)
            jets[i] = point[i];
        double tolerance = 1e-14 * Math.Max(1, Math.Abs(target)), before = double.PositiveInfinity;
        for (int step = 0; step < RootSteps; step++)
        {
            jets[j] = Jet.Variable(point[j], 0, 1);
            Jet q = quantity(jets);
            double miss = target - q.Value, size = Math.Abs(miss);
            if (!double.IsFinite(miss))
                return false;
            if (size <= tolerance || (size >= before && size <= 1e3 * tolerance)) // At the rounding of q.
                return true;
            double move = miss / q.Gradient(0);
            if (!double.IsFinite(move))
                return false;
            before = size;
            point[j] += move;
        }
        return false;
    }
}
