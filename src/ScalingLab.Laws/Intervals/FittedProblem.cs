using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Intervals;

/// <summary>A fit that can be done again under a constraint; for one thread.</summary>
public sealed class FittedProblem
{
    private const double DeltaStep = 0.25;
    private readonly IPenalisedProblem problem;
    private readonly double[] lower, upper;
    private readonly bool[] held;
    private readonly DampedNewton solver;
    private readonly FitPoints points;
    private Sandwich? sandwich;
    private bool sandwichTried;

    /// <summary>A problem at its minimum.</summary>
    /// <param name="problem">The objective on the data.</param>
    /// <param name="lower">Lower bounds of the variables.</param>
    /// <param name="upper">Upper bounds.</param>
    /// <param name="held">Variables that keep their values.</param>
    /// <param name="best">The variables at the minimum.</param>
    /// <param name="others">Other local minima: where to look for the lowest point under a constraint, besides near the last one.</param>
    /// <param name="objective">What was made small.</param>
    /// <param name="points">The data.</param>
    public FittedProblem(IPenalisedProblem problem, double[] lower, double[] upper, bool[] held, double[] best, IReadOnlyList<double[]> others, Objective objective, FitPoints points)
    {
        (this.problem, this.lower, this.upper, this.held, Best, Others, Objective, this.points) = (problem, lower, upper, held, best, others, objective, points);
        Weights = points.WeightColumn is null ? null : points.Weights(objective.Scale);
        solver = new DampedNewton(lower, upper);
        SetOwnPenalty();
        Value = problem.Value(best);
        Metric = new double[best.Length * best.Length];
        problem.Derivatives(new double[best.Length], new double[best.Length], new double[Metric.Length], Metric);
    }

    /// <summary>Variables at the minimum.</summary>
    public double[] Best { get; }

    /// <summary>Other minima.</summary>
    public IReadOnlyList<double[]> Others { get; }

    /// <summary>Objective.</summary>
    public Objective Objective { get; }

    /// <summary>n.</summary>
    public int Observations => points.Count;

    /// <summary>Weights of the observations; null when all count alike.</summary>
    public double[]? Weights { get; }

    /// <summary>Clusters that are independent of each other.</summary>
    public int Clusters => points.ClusterCount;

    /// <summary>Sum of penalties at the minimum.</summary>
    public double Value { get; }

    /// <summary>The solver's metric there: see <see cref="ISmoothProblem.Derivatives"/>.</summary>
    public double[] Metric { get; }

    /// <summary>Free variables.</summary>
    public int FreeCount => held.Count(h => !h);

    /// <summary>Covariance of the free variables that are not on a bound; null when some cannot be told apart.</summary>
    public Sandwich? Sandwich
    {
        get
        {
            if (!sandwichTried)
            {
                int[] inside = [.. Enumerable.Range(0, Best.Length).Where(i => !held[i] && Best[i] > lower[i] && Best[i] < upper[i])];
                sandwich = Intervals.Sandwich.Of(problem, Best, inside, Objective, points);
                sandwichTried = true;
            }
            return sandwich;
        }
    }

    /// <summary>Whether a variable is free.</summary>
    public bool IsFree(int variable) => !held[variable];

    /// <summary>The least sum of penalties among points where the quantity has a value.</summary>
    /// <param name="constrained">This problem under the quantity's constraint: see <see cref="Constrain"/>.</param>
    /// <param name="target">The value, on the quantity's scale.</param>
    /// <param name="order">Variables that may give way, the most willing first.</param>
    /// <param name="x">Start on entry, solution on return.</param>
    /// <returns>NaN when no such point was found.</returns>
    public double Minimum(ConstrainedProblem constrained, double target, ReadOnlySpan<int> order, double[] x)
    {
        bool[] still = [.. held];
        foreach (int j in order)
        {
            constrained.Constrain(target, j);
            bool own = still[j];
            still[j] = true;
            var outcome = Descend(constrained, x, still);
            if (!double.IsFinite(outcome.Value))
            {
                still[j] = own; // This variable cannot meet the constraint from here; the next may.
                continue;
            }
            x[j] = constrained.Eliminated;
            if (x[j] >= lower[j] && x[j] <= upper[j])
                return outcome.Value;
            x[j] = Math.Clamp(x[j], lower[j], upper[j]); // It stays on its bound, and another one gives way.
        }
        return double.NaN;
    }

    /// <summary>This problem, one variable giving way so that a quantity keeps a value.</summary>
    public ConstrainedProblem Constrain(Quantity quantity) => new(problem, quantity.Of);

    // A penalty with kinks is approached from a wider one, as in ChinchillaWorkspace; Huber's is gone down straight first, and that is enough where it ends in a stationary point.
    private SolverOutcome Descend(ConstrainedProblem constrained, double[] x, bool[] still)
    {
        if (Objective.Penalty == Penalty.Squared)
            return Finish();
        double[] start = [.. x];
        SolverOutcome? straight = Objective.Penalty == Penalty.Huber ? Finish() : null;
        if (straight is { Reason: StopReason.SmallGradient } done)
            return done;
        double[] end = [.. x];
        start.CopyTo(x, 0);
        (double own, double factor) = ChinchillaWorkspace.Smoothed(Objective);
        double typical = 4 * Value / (Observations * factor * own); // Far from 0 the smoothed penalty is factor·δ·|r|.
        for (double delta = typical; delta > own * 1.5; delta *= DeltaStep)
        {
            problem.SetPenalty(delta, 1, Objective.Asymmetry ?? 1);
            solver.Minimize(constrained, x, still, evaluationLimit: 40);
        }
        var staged = Finish();
        if (straight is not { } first || !(first.Value < staged.Value || double.IsNaN(staged.Value)))
            return staged;
        end.CopyTo(x, 0);
        constrained.Value(x); // The eliminated variable is the one of this end again.
        return first;

        SolverOutcome Finish()
        {
            SetOwnPenalty();
            return solver.Minimize(constrained, x, still);
        }
    }

    private void SetOwnPenalty()
    {
        (double delta, double factor) = ChinchillaWorkspace.Smoothed(Objective);
        problem.SetPenalty(delta, factor, Objective.Asymmetry ?? 1);
    }
}
