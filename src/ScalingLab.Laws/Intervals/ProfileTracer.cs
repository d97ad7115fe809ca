using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Intervals;

/// <summary>Traces the profile likelihood of a quantity outwards from the fit, on both sides.</summary>
/// <remarks>
/// 1. At a value of the quantity the objective is made least under that constraint, from the solution at the value before and from the fit's other minima.
/// 2. The deviance is 2(ln L̂ − ln L), each likelihood with its scale fitted: see <see cref="Likelihood"/>.
/// 3. Its signed root is near a straight line in the quantity (Bates and Watts 1988, doi:10.1002/9780470316757, Ch. 6), so that steps are chosen by the secant.
/// 4. The interval ends where the deviance crosses its critical value; between the two values that enclose the crossing regula falsi finds it.
/// </remarks>
public sealed class ProfileTracer
{
    private const double Beyond = 1.2;        // The root is followed so far past its critical value.
    private const double Share = 0.25;        // Step of the root, as a share of its critical value.
    private const double LargestGrowth = 2.5; // Of a step of the quantity over the last one.
    private const double FarthestFactor = 1e6; // A quantity known by a factor is followed this far from the fit.
    private const int MostSteps = 60;
    private const double EndTolerance = 1e-3; // Of the root at an end, relatively.
    private readonly FittedProblem fit;
    private readonly Quantity quantity;
    private readonly ConstrainedProblem constrained;
    private readonly int[] order;
    private readonly double best, logLikelihood, scaleOfSteps, critical;
    private readonly double? dispersion;
    private bool lowerMinimum;

    private ProfileTracer(FittedProblem fit, Quantity quantity, double level, ProfileCriterion criterion)
    {
        (this.fit, this.quantity) = (fit, quantity);
        constrained = fit.Constrain(quantity);
        best = quantity.At(fit.Best);
        logLikelihood = LogLikelihood(fit.Value);
        (order, scaleOfSteps, double[] gradient) = Sensitivities();
        dispersion = criterion == ProfileCriterion.Robust ? Dispersion(gradient) : null;
        critical = Math.Sqrt((dispersion is { } d
            ? CriticalDeviance.Robust(level, fit.Clusters, fit.Observations, fit.FreeCount, d)
            : CriticalDeviance.Likelihood(level, fit.Observations, fit.FreeCount)) ?? double.NaN);
    }

    /// <summary>The profile of a quantity.</summary>
    /// <param name="fit">Fit.</param>
    /// <param name="quantity">Quantity.</param>
    /// <param name="level">Level of the interval.</param>
    /// <param name="criterion">What the deviance is measured against.</param>
    /// <returns>Null when the quantity has no value at the fit, no free variable moves it, or nothing is left to judge the deviance by.</returns>
    public static LikelihoodProfile? Trace(FittedProblem fit, Quantity quantity, double level, ProfileCriterion criterion)
    {
        var tracer = new ProfileTracer(fit, quantity, level, criterion);
        return double.IsFinite(tracer.best) && tracer.order.Length > 0 && double.IsFinite(tracer.logLikelihood) && tracer.critical > 0 ? tracer.Trace() : null;
    }

    private LikelihoodProfile Trace()
    {
        var below = new List<ProfilePoint>();
        var above = new List<ProfilePoint>();
        (double? low, OpenEnd lowReason) = Side(-1, below);
        (double? high, OpenEnd highReason) = Side(1, above);
        ProfilePoint[] points = [.. below.Concat(above).Append(new(quantity.Value(best), 0)).OrderBy(p => p.Value)];
        return new(quantity, quantity.Value(best), low is { } l ? quantity.Value(l) : null, high is { } h ? quantity.Value(h) : null, lowReason, highReason, points, critical * critical, dispersion, lowerMinimum);
    }

    // One side: march until the root is past its critical value, then close in on the outermost crossing.
    private (double? End, OpenEnd Reason) Side(int sign, List<ProfilePoint> points)
    {
        double limit = quantity.Scaled(sign < 0 ? quantity.Low : quantity.High);
        if (quantity.Logarithm)
            limit = sign < 0 ? Math.Max(limit, best - Math.Log(FarthestFactor)) : Math.Min(limit, best + Math.Log(FarthestFactor));
        double[] x = [.. fit.Best], inside = [.. fit.Best];
        double at = best, root = 0, step = scaleOfSteps / 2;
        (double At, double Root) enter = (best, 0), leave = (double.NaN, double.NaN);
        for (int k = 0; k < MostSteps && root < Beyond * critical; k++)
        {
            bool last = sign * (limit - at) <= step * 1.0001;
            double next = last ? limit : at + sign * step;
            double reached = Root(next, x);
            if (double.IsNaN(reached))
            {
                step /= 4;
                if (step < 1e-6 * scaleOfSteps)
                    return leave.At is var e && double.IsFinite(e) ? (Close(enter, leave, inside, points), OpenEnd.None) : (null, OpenEnd.NoMinimum);
                continue;
            }
            points.Add(new(quantity.Value(next), reached * reached));
            double rise = reached - root, moved = Math.Abs(next - at);
            if (reached < critical)
            {
                enter = (next, reached);
                leave = (double.NaN, double.NaN);
                x.CopyTo(inside, 0);
            }
            else if (double.IsNaN(leave.At))
                leave = (next, reached);
            (at, root) = (next, reached);
            if (last)
                break;
            step = Math.Clamp(rise > 0 ? Share * critical * moved / rise : double.PositiveInfinity, 0.2 * moved, LargestGrowth * moved);
        }
        if (double.IsFinite(leave.At))
            return (Close(enter, leave, inside, points), OpenEnd.None);
        if (sign < 0 && quantity.LowIsNatural && at == limit)
            return (limit, OpenEnd.OwnBound);
        bool range = quantity.Scaled(sign < 0 ? quantity.Low : quantity.High) == limit && at == limit;
        return (null, range ? OpenEnd.EndOfRange : OpenEnd.Flat);
    }

    // Regula falsi with Illinois' halving on root − critical.
    private double Close((double At, double Root) enter, (double At, double Root) leave, double[] inside, List<ProfilePoint> points)
    {
        double lowMiss = enter.Root - critical, highMiss = leave.Root - critical;
        double[] x = [.. inside];
        for (int k = 0; k < 20 && highMiss > EndTolerance * critical; k++)
        {
            double at = enter.At + (leave.At - enter.At) * (-lowMiss / (highMiss - lowMiss));
            double root = Root(at, x);
            if (double.IsNaN(root))
                break;
            points.Add(new(quantity.Value(at), root * root));
            double miss = root - critical;
            if (Math.Abs(miss) <= EndTolerance * critical)
                return at;
            if (miss < 0)
            {
                (enter, lowMiss) = ((at, root), miss);
                highMiss /= 2;
            }
            else
            {
                (leave, highMiss) = ((at, root), miss);
                lowMiss /= 2;
            }
        }
        return leave.At;
    }

    // Root of the deviance at a value; x is the solution at a value near by and becomes the one here.
    private double Root(double at, double[] x)
    {
        double[] tried = [.. x];
        double least = fit.Minimum(constrained, at, order, tried);
        if (double.IsFinite(least))
            tried.CopyTo(x, 0);
        foreach (double[] other in fit.Others)
        {
            other.CopyTo(tried, 0);
            double value = fit.Minimum(constrained, at, order, tried);
            if (value < least || (double.IsNaN(least) && double.IsFinite(value)))
            {
                least = value;
                tried.CopyTo(x, 0);
            }
        }
        if (!double.IsFinite(least))
            return double.NaN;
        lowerMinimum |= least < fit.Value * (1 - 1e-7);
        return Math.Sqrt(Math.Max(0, 2 * (logLikelihood - LogLikelihood(least))));
    }

    private double LogLikelihood(double sum) => Likelihood.Log(fit.Objective, fit.Objective.Reduce(sum, fit.Observations), fit.Observations, fit.Weights);

    // Free variables that move the quantity, by how far it moves with each one's own uncertainty; and the standard error that the metric gives it.
    private (int[] Order, double Step, double[] Gradient) Sensitivities()
    {
        int n = fit.Best.Length;
        var jets = new Jet[n];
        for (int i = 0; i < n; i++)
            jets[i] = Jet.Variable(fit.Best[i], i, n);
        Jet q = quantity.Of(jets);
        double likelihoodScale = Likelihood.Scale(fit.Objective, fit.Objective.Reduce(fit.Value, fit.Observations), fit.Observations, fit.Weights);
        double[] gradient = [.. Enumerable.Range(0, n).Select(i => q.Gradient(i))];
        double Share(int i) => fit.Metric[i * n + i] > 0 ? Math.Abs(q.Gradient(i)) / Math.Sqrt(fit.Metric[i * n + i]) : q.Gradient(i) != 0 ? double.PositiveInfinity : 0; // What the data do not see costs nothing.
        int[] movers = [.. Enumerable.Range(0, n).Where(i => fit.IsFree(i) && Share(i) > 0).OrderByDescending(Share)];
        if (movers.Length == 0 || !double.IsFinite(best)) // ln A where A is 0
            return (movers, double.NaN, gradient);
        int[] free = [.. Enumerable.Range(0, n).Where(i => fit.IsFree(i) && fit.Metric[i * n + i] > 0)];
        double step = Math.Sqrt(likelihoodScale * Variance(q, free, n));
        return (movers, Math.Clamp(step, 1e-5 * Math.Max(1e-3, Math.Abs(best)), 1), gradient);
    }

    private double? Dispersion(double[] gradient)
    {
        double likelihoodScale = Likelihood.Scale(fit.Objective, fit.Objective.Reduce(fit.Value, fit.Observations), fit.Observations, fit.Weights);
        return fit.Sandwich is { } s && s.Variance(gradient) / (likelihoodScale * s.InverseCurvature(gradient)) is var d && double.IsFinite(d) && d > 0 ? d : null;
    }

    // ∇qᵀ M⁻¹ ∇q on the scale where M has a unit diagonal.
    private double Variance(in Jet q, int[] free, int n)
    {
        int k = free.Length;
        double[] matrix = new double[k * k], solution = new double[k];
        for (int r = 0; r < k; r++)
        {
            double unit = Math.Sqrt(fit.Metric[free[r] * n + free[r]]);
            for (int c = 0; c <= r; c++)
                matrix[r * k + c] = fit.Metric[free[r] * n + free[c]] / unit / Math.Sqrt(fit.Metric[free[c] * n + free[c]]) + (r == c ? 1e-9 : 0);
            solution[r] = q.Gradient(free[r]) / unit;
        }
        double[] right = [.. solution];
        if (!SmallCholesky.Factor(matrix, k))
            return 1;
        SmallCholesky.Solve(matrix, k, solution);
        return right.Zip(solution, (a, b) => a * b).Sum();
    }
}
