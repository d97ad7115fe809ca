namespace ScalingLab.Laws.Fitting;

/// <summary>Newton's method with exact second derivatives, damped by the problem's own metric, within simple bounds.</summary>
/// <remarks>
/// Each iteration:
/// 1. Variables held by the caller, at a bound that the gradient pushes against, or without any curvature stay put.
/// 2. Solve (H + λM) p = −g for the rest. H is the Hessian and M the problem's positive metric, so the step does not
///    depend on the units of the variables; λ = 0 is Newton's step, a large λ a short step of iterated least squares.
///    Far from a minimum H can bend down along a direction in which M is nearly flat: H + λM is positive then only at a λ that
///    allows no step in any other. There (M + λ·diag M) p = −g, the step of Levenberg and Marquardt, takes its place.
/// 3. Shorten p to the first bound it meets, and take it when the value falls by a fair share of the prediction.
/// 4. λ falls after a good prediction and rises after a bad one (Levenberg 1944, Marquardt 1963; Nielsen's factors).
/// Nothing is allocated during a minimisation.
/// </remarks>
public sealed class DampedNewton
{
    private const double GradientTolerance = 1e-11; // Rounding leaves about 1e-14 after 10^3 terms.
    private const double Ridge = 1e-12;             // Keeps H + λM solvable when columns coincide (one D for all N).
    private const double SmallestDamping = 1e-7;
    private const double LargestDamping = 1e14;

    private readonly int n;
    private readonly double[] gradient, scale, hessian, metric, matrix, step, trialPoint, lower, upper;
    private readonly bool[] free;

    /// <summary>A solver for problems of one size; not for use by two threads at once.</summary>
    /// <param name="lower">Lower bounds, −∞ for none.</param>
    /// <param name="upper">Upper bounds, +∞ for none.</param>
    public DampedNewton(ReadOnlySpan<double> lower, ReadOnlySpan<double> upper)
    {
        n = lower.Length;
        this.lower = lower.ToArray();
        this.upper = upper.ToArray();
        gradient = new double[n];
        scale = new double[n];
        step = new double[n];
        trialPoint = new double[n];
        hessian = new double[n * n];
        metric = new double[n * n];
        matrix = new double[n * n];
        free = new bool[n];
    }

    /// <summary>Hessian at the last accepted point, row by row, lower triangle.</summary>
    public ReadOnlySpan<double> Hessian => hessian;

    /// <summary>Metric at the last accepted point, row by row, lower triangle.</summary>
    public ReadOnlySpan<double> Metric => metric;

    /// <summary>Which variables were free at the last accepted point.</summary>
    public ReadOnlySpan<bool> Free => free;

    /// <summary>Moves <paramref name="x"/> to a local minimum.</summary>
    /// <param name="problem">What to make small.</param>
    /// <param name="x">Start on entry, result on return.</param>
    /// <param name="held">Variables that keep their values.</param>
    /// <param name="evaluationLimit">Values that may be computed.</param>
    public SolverOutcome Minimize<TProblem>(TProblem problem, Span<double> x, ReadOnlySpan<bool> held, int evaluationLimit = 200)
        where TProblem : class, ISmoothProblem
    {
        double value = problem.Value(x);
        int evaluations = 1;
        if (!double.IsFinite(value))
            return new(value, StopReason.NonFinite, evaluations, double.NaN);
        problem.Derivatives(gradient, scale, hessian, metric);
        double damping = 1, growth = 4;
        MarkFree(x, held);
        double norm = RelativeGradient();
        while (true)
        {
            if (norm <= GradientTolerance)
                return new(value, AnyAtBound(x, held) ? StopReason.AtBound : StopReason.SmallGradient, evaluations, norm);
            if (evaluations >= evaluationLimit)
                return new(value, StopReason.EvaluationLimit, evaluations, norm);

            double reach = 0;
            bool solved = Solve(damping) && (reach = ReachOrHold(x)) > 0;
            if (!solved && reach < 0)
                continue; // A bound was met at once: the variable is held now, and the rest is solved again.
            if (solved)
            {
                double predicted = PredictedDecrease(reach);
                for (int i = 0; i < n; i++)
                    trialPoint[i] = Moved(x[i], i, reach);
                double trial = problem.Value(trialPoint);
                evaluations++;
                double noise = 1e-15 * Math.Abs(value);
                bool within = predicted <= 8 * noise; // Too small a fall to be seen in the value.
                if (predicted > 0 && trial <= value - 1e-4 * predicted + (within ? 8 * noise : 0))
                {
                    double ratio = (value - trial) / predicted;
                    trialPoint.CopyTo(x);
                    value = Math.Min(value, trial);
                    problem.Derivatives(gradient, scale, hessian, metric);
                    MarkFree(x, held);
                    double before = norm;
                    norm = RelativeGradient();
                    if (within && norm >= before)
                        return new(trial, AnyAtBound(x, held) ? StopReason.AtBound : StopReason.SmallStep, evaluations, norm);
                    double t = 2 * ratio - 1;
                    damping = within ? 0 : damping * Math.Clamp(1 - t * t * t, 0.05, 2);
                    if (damping < SmallestDamping)
                        damping = 0;
                    growth = 4;
                    continue;
                }
                if (within && predicted > 0)
                    return new(value, AnyAtBound(x, held) ? StopReason.AtBound : StopReason.SmallStep, evaluations, norm);
            }
            damping = Math.Max(damping, 1e-4) * growth;
            growth *= 2;
            if (damping > LargestDamping)
                return new(value, AnyAtBound(x, held) ? StopReason.AtBound : StopReason.SmallStep, evaluations, norm);
            MarkFree(x, held);
        }
    }

    private void MarkFree(ReadOnlySpan<double> x, ReadOnlySpan<bool> held)
    {
        for (int i = 0; i < n; i++)
        {
            bool pushed = (x[i] <= lower[i] && gradient[i] >= 0) || (x[i] >= upper[i] && gradient[i] <= 0);
            free[i] = !held[i] && !pushed && metric[i * n + i] > 0;
        }
    }

    private bool AnyAtBound(ReadOnlySpan<double> x, ReadOnlySpan<bool> held)
    {
        for (int i = 0; i < n; i++)
        {
            if (!held[i] && (x[i] <= lower[i] || x[i] >= upper[i]))
                return true;
        }
        return false;
    }

    private double RelativeGradient()
    {
        double largest = 0;
        for (int i = 0; i < n; i++)
        {
            if (free[i] && scale[i] > 0)
                largest = Math.Max(largest, Math.Abs(gradient[i]) / scale[i]);
        }
        return largest;
    }

    // Step 2 by Cholesky's factors, on the scale where M has a unit diagonal.
    private bool Solve(double damping)
    {
        for (int i = 0; i < n; i++)
        {
            double si = Unit(i);
            for (int j = 0; j < i; j++)
                matrix[i * n + j] = free[i] && free[j] ? (hessian[i * n + j] + damping * metric[i * n + j]) * si * Unit(j) : 0;
            matrix[i * n + i] = free[i] ? hessian[i * n + i] * si * si + damping + Ridge * (1 + damping) : 1;
            step[i] = free[i] ? -gradient[i] * si : 0;
        }
        if (!SmallCholesky.Factor(matrix, n) && !FactorMetric(damping))
            return false;
        SmallCholesky.Solve(matrix, n, step);
        for (int i = 0; i < n; i++)
            step[i] = free[i] ? step[i] * Unit(i) : 0;
        return true;
    }

    // Step 2 where H + λM is not positive: M + λ·diag(M), which always is.
    private bool FactorMetric(double damping)
    {
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < i; j++)
                matrix[i * n + j] = free[i] && free[j] ? metric[i * n + j] * Unit(i) * Unit(j) : 0;
            matrix[i * n + i] = free[i] ? 1 + damping + Ridge * (1 + damping) : 1;
        }
        return SmallCholesky.Factor(matrix, n);
    }

    private double Unit(int i) => free[i] ? 1 / Math.Sqrt(metric[i * n + i]) : 0;

    // Step 3: the share of the step up to the first bound; −1 when a variable on its bound had to be held first.
    private double ReachOrHold(ReadOnlySpan<double> x)
    {
        double reach = 1;
        for (int i = 0; i < n; i++)
        {
            double room = step[i] < 0 ? lower[i] - x[i] : upper[i] - x[i];
            if (!free[i] || step[i] == 0 || double.IsInfinity(room))
                continue;
            if (room == 0)
            {
                free[i] = false;
                return -1;
            }
            reach = Math.Min(reach, room / step[i]);
        }
        return reach;
    }

    // A variable that the shortened step takes to its bound lands on it exactly.
    private double Moved(double from, int i, double reach)
    {
        double bound = step[i] < 0 ? lower[i] : upper[i];
        bool meets = step[i] != 0 && (bound - from) / step[i] <= reach;
        return meets ? bound : from + reach * step[i];
    }

    private double PredictedDecrease(double reach)
    {
        double linear = 0, quadratic = 0;
        for (int i = 0; i < n; i++)
        {
            linear += gradient[i] * step[i];
            quadratic += hessian[i * n + i] * step[i] * step[i];
            for (int j = 0; j < i; j++)
                quadratic += 2 * hessian[i * n + j] * step[i] * step[j];
        }
        return -reach * (linear + reach * quadratic / 2);
    }
}
