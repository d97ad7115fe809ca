using MathNet.Numerics.LinearAlgebra;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Intervals;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Curves;

/// <summary>A local minimum that at least one start reached.</summary>
/// <param name="Parameters">Parameters there.</param>
/// <param name="Objective">Value.</param>
/// <param name="Starts">Starts that ended there.</param>
public sealed record CurveBasin(IReadOnlyList<double> Parameters, double Objective, int Starts);

/// <summary>A fitted curve and how the solver came by it; fields as in <see cref="ChinchillaFit"/>.</summary>
/// <param name="Curve">Law.</param>
/// <param name="Parameters">Fitted values, in its order.</param>
/// <param name="Objective">What was made small.</param>
/// <param name="Value">Its value.</param>
/// <param name="Outcome">How the solver ended.</param>
/// <param name="Condition">Condition of the metric of the free variables, unit diagonal.</param>
/// <param name="Starts">Starts.</param>
/// <param name="StartsAgreeing">Starts within 1e-6 of the best value.</param>
/// <param name="StartsMoved">Starts whose end has a lower value than they had.</param>
/// <param name="OtherBasins">Other minima, lowest first.</param>
/// <param name="AtBound">Free parameters on a bound.</param>
public sealed record CurveFit(LossCurve Curve, IReadOnlyList<double> Parameters, Objective Objective, double Value, SolverOutcome Outcome, double Condition,
    int Starts, int StartsAgreeing, int StartsMoved, IReadOnlyList<CurveBasin> OtherBasins, IReadOnlyList<string> AtBound)
{
    /// <summary>Predicted loss of a point, nats per token.</summary>
    public double Predict(FitPoints points, int i) => Curve.Loss(points.Setting(i), Parameters);
}

/// <summary>Fits any curve from many starts by the staged penalties of <see cref="ChinchillaWorkspace"/>.</summary>
public sealed class CurveFitter
{
    private const double SameValue = 1e-6;
    private readonly LossCurve curve;
    private readonly Objective objective;
    private readonly DampedNewton solver;
    private readonly CurveProblem problem;
    private readonly FitPoints points;
    private readonly bool[] isHeld;
    private readonly double[] heldAt, weights;
    private readonly IReadOnlyDictionary<string, double> heldValues;

    /// <summary>For one thread.</summary>
    /// <param name="curve">Law.</param>
    /// <param name="points">Observations.</param>
    /// <param name="objective">What is made small.</param>
    /// <param name="held">Parameters held at values, by name.</param>
    /// <exception cref="UserErrorException">A held name or value is wrong, or there are too few settings for the free parameters.</exception>
    public CurveFitter(LossCurve curve, FitPoints points, Objective objective, IReadOnlyDictionary<string, double>? held = null)
    {
        (this.curve, this.points, this.objective) = (curve, points, objective);
        solver = new DampedNewton([.. curve.Parameters.Select(p => p.Variable(p.Low))], [.. curve.Parameters.Select(p => p.Variable(p.High))]);
        (isHeld, heldAt) = (new bool[curve.Parameters.Count], new double[curve.Parameters.Count]);
        heldValues = held ?? new Dictionary<string, double>();
        foreach ((string name, double value) in heldValues)
            Hold(name, value);
        problem = new CurveProblem(curve, points, objective.Scale, isHeld);
        weights = points.Weights(objective.Scale);
        int free = isHeld.Count(h => !h), distinct = curve.Distinct(points);
        if (distinct < free)
        {
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0602",
                $"{points.Count} observations at {distinct} distinct {curve.InputNames} cannot determine {free} free parameters of {curve.Name}",
                Help: $"give at least {free} distinct {curve.InputNames}, better 15 or more, or hold some parameters with --fix"));
        }
    }

    /// <summary>Free parameters.</summary>
    public int FreeParameters => isHeld.Count(h => !h);

    /// <summary>The lowest minimum over all starts.</summary>
    public CurveFit Fit()
    {
        double[][] starts = [.. curve.Starts(points)];
        var ends = new (double[] X, SolverOutcome Outcome)[starts.Length];
        Parallel.For(0, starts.Length, new ParallelOptions { MaxDegreeOfParallelism = curve.Rugged ? Environment.ProcessorCount : 1 },
            () => curve.Rugged ? new CurveFitter(curve, points, objective, heldValues) : this,
            (s, _, fitter) =>
            {
                double[] x = Variables(starts[s]);
                ends[s] = (x, fitter.Descend(x, curve.Rugged ? 0 : double.PositiveInfinity));
                return fitter;
            },
            _ => { });
        (double[] best, SolverOutcome reached) = ends.MinBy(e => double.IsFinite(e.Outcome.Value) ? e.Outcome.Value : double.MaxValue);
        Descend(best, 0); // The solver's matrices are those of the best point again.
        double rounding = points.Count * objective.Of(1e-12);
        bool Same(double value) => value <= reached.Value * (1 + SameValue) + rounding;
        var others = new List<CurveBasin>();
        foreach (var (x, outcome) in ends.Where(e => double.IsFinite(e.Outcome.Value) && e.Outcome.Converged && !Same(e.Outcome.Value)).OrderBy(e => e.Outcome.Value))
        {
            double value = objective.Reduce(outcome.Value, points.Count);
            if (others.Count > 0 && value <= others[^1].Objective * (1 + SameValue))
                others[^1] = others[^1] with { Starts = others[^1].Starts + 1 };
            else
                others.Add(new(Parameters(x), value, 1));
        }
        IReadOnlyList<double> parameters = Parameters(best);
        return new CurveFit(curve, parameters, objective, ValueOf(curve, parameters, points, objective), reached with { Evaluations = ends.Sum(e => e.Outcome.Evaluations) }, Condition(),
            ends.Length, ends.Count(e => Same(e.Outcome.Value)), starts.Zip(ends).Count(p => Moved(p.First, p.Second.Outcome.Value)), others, [.. AtBound(best)]);
    }

    // An objective without slope at every start, as weights the wrong way round can make it, looks converged and is not.
    private bool Moved(double[] start, double end)
    {
        (double target, double factor) = ChinchillaWorkspace.Smoothed(objective);
        problem.SetPenalty(target, factor, objective.Asymmetry ?? 1);
        return end < problem.Value(Variables(start));
    }

    /// <summary>A fit of this law to these points, ready to be fitted again under a constraint.</summary>
    /// <param name="fit">Fit.</param>
    /// <param name="others">Whether the fit's other minima are looked into as well.</param>
    public FittedProblem Fitted(CurveFit fit, bool others = true) => new(problem, [.. curve.Parameters.Select(p => p.Variable(p.Low))], [.. curve.Parameters.Select(p => p.Variable(p.High))],
        isHeld, Variables(fit.Parameters), others ? [.. fit.OtherBasins.Select(b => Variables(b.Parameters))] : [], objective, points);

    /// <summary>From parameters near the minimum, with other weights or losses.</summary>
    /// <param name="near">Start.</param>
    /// <param name="multiplicity">How often each point was drawn; its weight counts so often.</param>
    /// <param name="loss">Loss of each point.</param>
    /// <returns>Null when the solver does not reach a minimum.</returns>
    public IReadOnlyList<double>? Refit(IReadOnlyList<double> near, ReadOnlySpan<int> multiplicity, ReadOnlySpan<double> loss)
    {
        for (int i = 0; i < multiplicity.Length; i++)
            (problem.Weights[i], problem.Loss[i]) = (multiplicity[i] * weights[i], loss[i]);
        double[] x = Variables(near);
        return Descend(x, 0).Converged ? Parameters(x) : null;
    }

    /// <summary>The objective term by term from its definition.</summary>
    public static double ValueOf(LossCurve curve, IReadOnlyList<double> parameters, FitPoints points, Objective objective)
    {
        double sum = 0;
        double[] weights = points.Weights(objective.Scale);
        for (int i = 0; i < points.Count; i++)
        {
            double loss = curve.Loss(points.Setting(i), parameters);
            sum += weights[i] * objective.Of(objective.Scale == ResidualScale.Log ? Math.Log(loss / points.Loss[i]) : loss - points.Loss[i]);
        }
        return objective.Reduce(sum, points.Count);
    }

    // Least squares first where the start is rough, then δ from the typical residual down to the objective's own.
    private SolverOutcome Descend(double[] x, double delta)
    {
        int evaluations = 0;
        if (double.IsInfinity(delta))
        {
            problem.SetPenalty(double.PositiveInfinity, 1);
            var rough = solver.Minimize(problem, x, isHeld, evaluationLimit: 60);
            evaluations = rough.Evaluations;
            delta = double.IsFinite(rough.Value) ? Math.Sqrt(2 * rough.Value / points.Count) : 0;
        }
        (double target, double factor) = ChinchillaWorkspace.Smoothed(objective);
        double above = objective.Asymmetry ?? 1;
        for (double stage = delta; stage > target * 1.5; stage *= 0.25)
        {
            problem.SetPenalty(stage, 1, above);
            evaluations += solver.Minimize(problem, x, isHeld, evaluationLimit: 60).Evaluations;
        }
        problem.SetPenalty(target, factor, above);
        var outcome = solver.Minimize(problem, x, isHeld, evaluationLimit: 400);
        return outcome with { Evaluations = outcome.Evaluations + evaluations };
    }

    private double[] Variables(IReadOnlyList<double> parameters) =>
        [.. parameters.Select((p, i) => isHeld[i] ? heldAt[i] : curve.Parameters[i].Variable(Math.Clamp(p, curve.Parameters[i].Low, curve.Parameters[i].High)))];

    private double[] Parameters(double[] x) => [.. x.Select((v, i) => curve.Parameters[i].Value(v))];

    private IEnumerable<string> AtBound(double[] x) =>
        curve.Parameters.Where((p, i) => !isHeld[i] && (x[i] <= p.Variable(p.Low) || x[i] >= p.Variable(p.High))).Select(p => p.Name);

    private void Hold(string name, double value)
    {
        int i = curve.Parameters.ToList().FindIndex(p => p.Name == name);
        if (i < 0)
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0122", $"--fix {name}: the law {curve.Name} has no such parameter", Help: "its parameters are " + string.Join(", ", curve.Parameters.Select(p => p.Name))));
        CurveParameter p = curve.Parameters[i];
        if (!(value >= p.Low && value <= p.High))
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0122", FormattableString.Invariant($"--fix {name}={value} is out of range"), Help: FormattableString.Invariant($"{name} lies from {p.Low} to {p.High}")));
        (isHeld[i], heldAt[i]) = (true, p.Variable(value));
    }

    private double Condition()
    {
        int n = isHeld.Length;
        int[] free = [.. Enumerable.Range(0, n).Where(i => solver.Free[i])];
        if (free.Length == 0)
            return 1;
        double[] m = solver.Metric.ToArray();
        var scaled = Matrix<double>.Build.Dense(free.Length, free.Length, (i, j) =>
        {
            (int r, int c) = (Math.Max(free[i], free[j]), Math.Min(free[i], free[j]));
            return m[r * n + c] / Math.Sqrt(m[r * n + r] * m[c * n + c]);
        });
        double[] values = [.. scaled.Evd(Symmetricity.Symmetric).EigenValues.Select(v => v.Real).Order()];
        return values[0] > 1e-15 * values[^1] ? values[^1] / values[0] : double.PositiveInfinity;
    }
}
