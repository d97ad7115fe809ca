using ScalingLab.Laws.Intervals;

namespace ScalingLab.Laws.Fitting;

/// <summary>Everything one thread needs to fit the Chinchilla law again and again without allocating.</summary>
/// <remarks>
/// From a pair (α, β), in the manner of variable projection (Golub and Pereyra 1973):
/// 1. Hold the exponents and solve for (E, A', B') under the squared penalty.
/// 2. Free all five; solve under a Huber penalty whose δ is the typical residual, then with δ a quarter of it, and so on down
///    to the objective's own. Each stage starts so near its solution that Newton's method takes a few steps.
/// For least absolute deviations, symmetric or not, δ goes down to <see cref="AbsoluteDelta"/> or <see cref="EnvelopeDelta"/>.
/// </remarks>
public sealed class ChinchillaWorkspace
{
    private const double AbsoluteDelta = 1e-8; // |r| within δ/2 of Huber/δ: a sum of 240 is right to 1e-6 at worst, in practice to 1e-8.
    private const double EnvelopeDelta = 1e-11; // The bias is up to K times that of the symmetric penalty; residuals round at 4e-16.
    private const double DeltaStep = 0.25;

    private static readonly double[] Lower = [0, 0, 0, ChinchillaFitOptions.SmallestExponent, ChinchillaFitOptions.SmallestExponent];
    private static readonly double[] Upper = [double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity, ChinchillaFitOptions.LargestExponent, ChinchillaFitOptions.LargestExponent];
    private readonly ChinchillaProblem problem;
    private readonly DampedNewton solver;
    private readonly Objective objective;
    private readonly bool[] heldVariables = new bool[5];
    private readonly double[] heldValues = new double[5];
    private readonly FitPoints points;
    private readonly double[] weights;

    /// <summary>Allocates for as many points as the source has.</summary>
    public ChinchillaWorkspace(FitPoints points, ChinchillaFitOptions options)
    {
        this.points = points;
        objective = options.Objective;
        weights = points.Weights(objective.Scale);
        problem = new ChinchillaProblem(points.Count, objective.Scale);
        solver = new DampedNewton(Lower, Upper);
        CentreN = Centre(points.Parameters, options.Fixed.ContainsKey("A") && !options.Fixed.ContainsKey("alpha"));
        CentreD = Centre(points.Tokens, options.Fixed.ContainsKey("B") && !options.Fixed.ContainsKey("beta"));
        foreach ((string name, double value) in options.Fixed)
            Hold(name, value, options.Fixed);
    }

    /// <summary>c_N of <see cref="ChinchillaProblem"/>: the mean of ln N, or 0 when A is held and α is not.</summary>
    public double CentreN { get; }

    /// <summary>c_D likewise.</summary>
    public double CentreD { get; }

    /// <summary>The solver, for its matrices at the last solution.</summary>
    public DampedNewton Solver => solver;

    /// <summary>Points loaded.</summary>
    public int LoadedPoints => problem.Count;

    /// <summary>Loads every point with its own weight, and its own loss or another.</summary>
    public void Load(ReadOnlySpan<double> loss)
    {
        problem.Clear();
        for (int i = 0; i < points.Count; i++)
            Add(i, loss[i], weights[i]);
    }

    /// <summary>Loads each point's weight as often as <paramref name="multiplicity"/> says; none where it is 0.</summary>
    public void LoadResample(ReadOnlySpan<int> multiplicity)
    {
        problem.Clear();
        for (int i = 0; i < points.Count; i++)
        {
            if (multiplicity[i] > 0)
                Add(i, points.Loss[i], multiplicity[i] * weights[i]);
        }
    }

    /// <summary>Steps 1 and 2 from a pair of exponents.</summary>
    /// <param name="alpha">α at the start.</param>
    /// <param name="beta">β at the start.</param>
    /// <param name="x">Receives (E, A', B', α, β).</param>
    public SolverOutcome SolveFrom(double alpha, double beta, Span<double> x)
    {
        double least = problem.LeastLoss;
        x[0] = least / 2;
        x[1] = x[2] = least / 4;
        x[3] = alpha;
        x[4] = beta;
        Span<bool> held = stackalloc bool[5];
        for (int i = 0; i < 5; i++)
        {
            held[i] = heldVariables[i] || i >= 3;
            if (heldVariables[i])
                x[i] = heldValues[i];
        }
        problem.SetPenalty(double.PositiveInfinity, 1);
        var inner = solver.Minimize(problem, x, held, evaluationLimit: 30);
        var outcome = Polish(x, TypicalResidual(inner.Value));
        return outcome with { Evaluations = outcome.Evaluations + inner.Evaluations };
    }

    /// <summary>Step 2 from a whole point.</summary>
    /// <param name="x">(E, A', B', α, β): start on entry, result on return.</param>
    /// <param name="delta">δ of the first stage.</param>
    public SolverOutcome Polish(Span<double> x, double delta)
    {
        (double target, double factor) = Smoothed(objective);
        double above = objective.Asymmetry ?? 1;
        int evaluations = 0;
        for (double stage = delta; stage > target * 1.5; stage *= DeltaStep)
        {
            problem.SetPenalty(stage, 1, above);
            evaluations += solver.Minimize(problem, x, heldVariables, evaluationLimit: 40).Evaluations;
        }
        problem.SetPenalty(target, factor, above);
        var outcome = solver.Minimize(problem, x, heldVariables);
        return outcome with { Evaluations = outcome.Evaluations + evaluations };
    }

    /// <summary>The loaded points and a law fitted to them, ready to be fitted again under a constraint.</summary>
    /// <param name="best">The fitted law.</param>
    /// <param name="others">Other local minima.</param>
    public FittedProblem Fitted(ChinchillaLaw best, IEnumerable<ChinchillaLaw> others) =>
        new(problem, Lower, Upper, heldVariables, PointOf(best), [.. others.Select(PointOf)], objective, points);

    /// <summary>δ and factor of factor·Huber_δ that stand for an objective, exactly or for absolute values nearly.</summary>
    internal static (double Delta, double Factor) Smoothed(Objective objective) => objective.Penalty switch
    {
        Penalty.Squared => (double.PositiveInfinity, 2.0),
        Penalty.Absolute => (AbsoluteDelta, 1 / AbsoluteDelta),
        Penalty.Asymmetric => (EnvelopeDelta, 1 / EnvelopeDelta),
        _ => (objective.Delta!.Value, 1.0),
    };

    /// <summary>The law at (E, A', B', α, β).</summary>
    public ChinchillaLaw LawAt(ReadOnlySpan<double> x) =>
        new(x[0], x[1] * Math.Exp(x[3] * CentreN), x[2] * Math.Exp(x[4] * CentreD), x[3], x[4]);

    /// <summary>(E, A', B', α, β) of a law.</summary>
    public void PointOf(ChinchillaLaw law, Span<double> x)
    {
        (x[0], x[3], x[4]) = (law.E, law.Alpha, law.Beta);
        x[1] = law.A * Math.Exp(-law.Alpha * CentreN);
        x[2] = law.B * Math.Exp(-law.Beta * CentreD);
    }

    private double[] PointOf(ChinchillaLaw law)
    {
        double[] x = new double[5];
        PointOf(law, x);
        return x;
    }

    // Root mean square from Σ r²/2.
    private double TypicalResidual(double halfSquares) => Math.Sqrt(2 * halfSquares / problem.TotalWeight);

    private void Add(int i, double loss, double weight) =>
        problem.Add(Math.Log(points.Parameters[i]) - CentreN, Math.Log(points.Tokens[i]) - CentreD, loss, weight);

    private static double Centre(double[] values, bool atZero) => atZero ? 0 : values.Average(Math.Log);

    private void Hold(string name, double value, IReadOnlyDictionary<string, double> all)
    {
        (int index, double held) = name switch
        {
            "E" => (0, value),
            "A" => (1, value * Math.Exp(-all.GetValueOrDefault("alpha") * CentreN)),
            "B" => (2, value * Math.Exp(-all.GetValueOrDefault("beta") * CentreD)),
            "alpha" => (3, value),
            "beta" => (4, value),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Not a parameter of the Chinchilla law."),
        };
        (heldVariables[index], heldValues[index]) = (true, held);
    }
}
