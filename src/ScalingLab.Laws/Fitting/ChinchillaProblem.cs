using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ScalingLab.Laws.Fitting;

/// <summary>The objective of a Chinchilla fit with exact first and second derivatives, four points at a time.</summary>
/// <remarks>
/// Hoffmann et al. 2022, arXiv:2203.15556, Eq. 2 and 3, in the variables (E, A', B', α, β) with
/// 1. u = exp(−α(ln N − c_N)), v = exp(−β(ln D − c_D)), m = E + A'u + B'v, so that A = A'·exp(α c_N) and B = B'·exp(β c_D).
///    c_N and c_D lie amid the data: in A and B themselves the condition of the Hessian is near 10^11.
///    E, A', B' enter m linearly, which lets them sit at 0 exactly; their logarithms would run off to −∞.
/// 2. r = ln m − ln L (log) or m − L (raw); J = ∂r/∂x; s = ∂r/∂m = 1/m or 1.
/// 3. ∂²r = s·∂²m − J·Jᵀ (log) or ∂²m (raw), where ∂²m has four entries: (A',α), (B',β), (α,α), (β,β).
/// 4. H = Σ w [(ρ'' − [log] ρ') J·Jᵀ + ρ' s ∂²m], and the metric M = Σ w (ρ'/r) J·Jᵀ, the matrix of iterated reweighted
///    least squares, which lies above the first part of H for every penalty here.
/// </remarks>
public sealed class ChinchillaProblem : IPenalisedProblem
{
    private const int Lanes = 4;
    private readonly double[] lnParameters, lnTokens, observed, weights; // ln N − c_N, ln D − c_D, ln L or L, weight
    private readonly double[] curvatures, ratios, slopes; // ρ'' − [log] ρ', ρ'/r, ρ'; each times the weight
    private readonly double[][] jacobian = new double[5][]; // J
    private readonly bool log;
    private double huberDelta = double.PositiveInfinity, penaltyFactor = 1, factorAbove = 1;
    private double currentA, currentB;
    private int paddedCount;

    /// <summary>Room for so many points.</summary>
    public ChinchillaProblem(int capacity, ResidualScale scale)
    {
        int padded = (capacity + Lanes - 1) / Lanes * Lanes;
        (lnParameters, lnTokens, observed, weights) = (new double[padded], new double[padded], new double[padded], new double[padded]);
        (curvatures, ratios, slopes) = (new double[padded], new double[padded], new double[padded]);
        for (int i = 0; i < 5; i++)
            jacobian[i] = new double[padded];
        log = scale == ResidualScale.Log;
    }

    /// <inheritdoc/>
    public int Dimension => 5;

    /// <summary>Number of points loaded.</summary>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public void SetPenalty(double delta, double factor, double above = 1) => (huberDelta, penaltyFactor, factorAbove) = (delta, factor, above);

    /// <summary>Sum of the weights.</summary>
    public double TotalWeight { get; private set; }

    /// <summary>Least loss among the points.</summary>
    public double LeastLoss { get; private set; }

    /// <summary>Forgets all points.</summary>
    public void Clear()
    {
        Count = 0;
        paddedCount = 0;
        TotalWeight = 0;
        LeastLoss = double.PositiveInfinity;
    }

    /// <summary>Adds a point.</summary>
    /// <param name="lnN">ln N − c_N.</param>
    /// <param name="lnD">ln D − c_D.</param>
    /// <param name="loss">L.</param>
    /// <param name="weight">Weight times multiplicity, above 0.</param>
    public void Add(double lnN, double lnD, double loss, double weight)
    {
        if (Count == paddedCount)
        {
            // The lanes after the last point repeat it with no weight.
            int next = paddedCount + Lanes;
            for (int i = paddedCount; i < next; i++)
                (lnParameters[i], lnTokens[i], observed[i], weights[i]) = (lnN, lnD, log ? Math.Log(loss) : loss, 0);
            paddedCount = next;
        }
        (lnParameters[Count], lnTokens[Count], observed[Count], weights[Count]) = (lnN, lnD, log ? Math.Log(loss) : loss, weight);
        Count++;
        TotalWeight += weight;
        LeastLoss = Math.Min(LeastLoss, loss);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // A fit is over before the runtime would have optimised it.
    public double Value(ReadOnlySpan<double> x)
    {
        (currentA, currentB) = (x[1], x[2]);
        var e = Vector256.Create(x[0]);
        var a = Vector256.Create(x[1]);
        var b = Vector256.Create(x[2]);
        var alpha = Vector256.Create(-x[3]);
        var beta = Vector256.Create(-x[4]);
        var delta = Vector256.Create(huberDelta);
        var half = Vector256.Create(huberDelta / 2);
        var above = Vector256.Create(factorAbove);
        var total = Vector256<double>.Zero;
        for (int i = 0; i < paddedCount; i += Lanes)
        {
            var n = Load(lnParameters, i);
            var d = Load(lnTokens, i);
            var u = Vector256.Exp(alpha * n);
            var v = Vector256.Exp(beta * d);
            var p = a * u;
            var q = b * v;
            var m = e + p + q;
            var s = log ? Vector256<double>.One / m : Vector256<double>.One;
            var r = (log ? Vector256.Log(m) : m) - Load(observed, i);
            var w = Load(weights, i) * Vector256.ConditionalSelect(Vector256.GreaterThan(r, Vector256<double>.Zero), above, Vector256<double>.One);
            var size = Vector256.Abs(r);
            var inside = Vector256.LessThanOrEqual(size, delta);
            total += w * Vector256.ConditionalSelect(inside, Vector256.Create(0.5) * r * r, delta * (size - half));
            var slope = w * Vector256.ConditionalSelect(inside, r, Vector256.CopySign(delta, r));
            var curvature = Vector256.ConditionalSelect(inside, w, Vector256<double>.Zero);
            Store(curvatures, i, log ? curvature - slope : curvature);
            Store(ratios, i, Vector256.ConditionalSelect(inside, w, w * delta / size));
            Store(slopes, i, slope);
            Store(jacobian[0], i, s);
            Store(jacobian[1], i, u * s);
            Store(jacobian[2], i, v * s);
            Store(jacobian[3], i, -n * p * s);
            Store(jacobian[4], i, -d * q * s);
        }
        return penaltyFactor * Vector256.Sum(total);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Derivatives(Span<double> gradient, Span<double> gradientScale, Span<double> hessian, Span<double> metric)
    {
        for (int row = 0; row < 5; row++)
        {
            (gradient[row], gradientScale[row]) = Slopes(jacobian[row]);
            for (int column = 0; column <= row; column++)
                (hessian[row * 5 + column], metric[row * 5 + column]) = Products(jacobian[row], jacobian[column]);
        }
        double aAlpha = 0, bBeta = 0, alphaAlpha = 0, betaBeta = 0;
        for (int i = 0; i < Count; i++)
        {
            double mu = slopes[i] * jacobian[1][i] * lnParameters[i], mv = slopes[i] * jacobian[2][i] * lnTokens[i]; // s·u = J[1], s·v = J[2]
            aAlpha -= mu;
            bBeta -= mv;
            alphaAlpha += mu * lnParameters[i];
            betaBeta += mv * lnTokens[i];
        }
        hessian[3 * 5 + 1] += penaltyFactor * aAlpha;
        hessian[4 * 5 + 2] += penaltyFactor * bBeta;
        hessian[3 * 5 + 3] += penaltyFactor * currentA * alphaAlpha;
        hessian[4 * 5 + 4] += penaltyFactor * currentB * betaBeta;
    }

    /// <inheritdoc/>
    public void Residuals(ReadOnlySpan<double> x, Span<double> residuals, Span<double> jacobian)
    {
        for (int i = 0; i < Count; i++)
        {
            double u = Math.Exp(-x[3] * lnParameters[i]), v = Math.Exp(-x[4] * lnTokens[i]), m = x[0] + x[1] * u + x[2] * v;
            double s = log ? 1 / m : 1;
            residuals[i] = (log ? Math.Log(m) : m) - observed[i];
            jacobian[i * 5] = s;
            jacobian[i * 5 + 1] = u * s;
            jacobian[i * 5 + 2] = v * s;
            jacobian[i * 5 + 3] = -lnParameters[i] * x[1] * u * s;
            jacobian[i * 5 + 4] = -lnTokens[i] * x[2] * v * s;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (double Sum, double Size) Slopes(double[] j)
    {
        Vector256<double> sum = default, size = default;
        for (int i = 0; i < paddedCount; i += Lanes)
        {
            var term = Load(slopes, i) * Load(j, i);
            sum += term;
            size += Vector256.Abs(term);
        }
        return (penaltyFactor * Vector256.Sum(sum), penaltyFactor * Vector256.Sum(size));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (double Hessian, double Metric) Products(double[] left, double[] right)
    {
        Vector256<double> hessian = default, metric = default;
        for (int i = 0; i < paddedCount; i += Lanes)
        {
            var product = Load(left, i) * Load(right, i);
            hessian += Load(curvatures, i) * product;
            metric += Load(ratios, i) * product;
        }
        return (penaltyFactor * Vector256.Sum(hessian), penaltyFactor * Vector256.Sum(metric));
    }

    private static Vector256<double> Load(double[] values, int i) =>
        Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(values), (nuint)i);

    private static void Store(double[] values, int i, Vector256<double> value) =>
        value.StoreUnsafe(ref MemoryMarshal.GetArrayDataReference(values), (nuint)i);
}
