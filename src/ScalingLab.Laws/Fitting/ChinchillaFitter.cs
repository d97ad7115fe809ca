using MathNet.Numerics.LinearAlgebra;
using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;

namespace ScalingLab.Laws.Fitting;

/// <summary>Fits L(N, D) = E + A/N^α + B/D^β from many starts.</summary>
public static class ChinchillaFitter
{
    private const double SameValue = 1e-6; // Two starts agree when their objectives do to this relative difference.

    /// <summary>Runs every pair of start exponents to its minimum and returns the lowest, with the others counted.</summary>
    /// <exception cref="UserErrorException">There are fewer distinct (N, D) than free parameters.</exception>
    public static ChinchillaFit Fit(FitPoints points, ChinchillaFitOptions? options = null)
    {
        options ??= new ChinchillaFitOptions();
        RefuseTooFew(points, options);
        var workspace = new ChinchillaWorkspace(points, options);
        workspace.Load(points.Loss);
        var ends = new List<(double[] X, SolverOutcome Outcome)>();
        int moved = 0;
        double[] alphas = options.Fixed.TryGetValue("alpha", out double alpha) ? [alpha] : [.. options.StartExponents];
        double[] betas = options.Fixed.TryGetValue("beta", out double beta) ? [beta] : [.. options.StartExponents];
        foreach (double a in alphas)
        {
            foreach (double b in betas)
            {
                var x = new double[5];
                ends.Add((x, workspace.SolveFrom(a, b, x)));
                moved += (x[3], x[4]) != (a, b) || options.Fixed.ContainsKey("alpha") || options.Fixed.ContainsKey("beta") ? 1 : 0;
            }
        }

        // Ties go to the earliest start, so the answer does not depend on a sort's whims.
        (double[] best, SolverOutcome reached) = ends.MinBy(e => double.IsFinite(e.Outcome.Value) ? e.Outcome.Value : double.MaxValue);
        workspace.Polish(best, 0);
        double rounding = points.Count * options.Objective.Of(1e-12); // A law without noise: all that is left is rounding.
        return new ChinchillaFit
        {
            Law = workspace.LawAt(best),
            Objective = options.Objective,
            Value = ValueOf(workspace.LawAt(best), points, options.Objective),
            Reason = reached.Reason,
            GradientNorm = reached.GradientNorm,
            Condition = ConditionOf(workspace.Solver),
            Starts = ends.Count,
            StartsAgreeing = ends.Count(e => Same(e.Outcome.Value, reached.Value, rounding)),
            StartsMoved = moved,
            OtherBasins = [.. OtherBasins(ends, reached.Value, rounding, workspace).Select(b => b with { Objective = options.Objective.Reduce(b.Objective, points.Count) })],
            AtBound = [.. BoundNames(best, options.Fixed)],
            Evaluations = ends.Sum(e => e.Outcome.Evaluations),
        };
    }

    /// <summary>The objective of a law on the points, term by term from its definition.</summary>
    public static double ValueOf(ChinchillaLaw law, FitPoints points, Objective objective)
    {
        double sum = 0;
        double[] weights = points.Weights(objective.Scale);
        for (int i = 0; i < points.Count; i++)
            sum += weights[i] * objective.Of(Residual(law, points, i, objective.Scale));
        return objective.Reduce(sum, points.Count);
    }

    /// <summary>Predicted minus observed, on the objective's scale.</summary>
    public static double Residual(ChinchillaLaw law, FitPoints points, int i, ResidualScale scale)
    {
        double loss = law.Loss(points.Parameters[i], points.Tokens[i]).Value;
        return scale == ResidualScale.Log ? Math.Log(loss) - Math.Log(points.Loss[i]) : loss - points.Loss[i];
    }

    private static void RefuseTooFew(FitPoints points, ChinchillaFitOptions options)
    {
        foreach ((string name, double value) in options.Fixed)
        {
            bool exponent = name is "alpha" or "beta";
            if (!ChinchillaLaw.ParameterNames.Contains(name))
                throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0122", $"--fix {name}: the Chinchilla law has no such parameter", Help: "its parameters are " + string.Join(", ", ChinchillaLaw.ParameterNames)));
            if (!double.IsFinite(value) || value < 0 || (exponent && value is < ChinchillaFitOptions.SmallestExponent or > ChinchillaFitOptions.LargestExponent))
                throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0122", $"--fix {name}={value} is out of range", Help: "A, B and E are 0 or more; alpha and beta lie from 0.005 to 5"));
        }
        int free = 5 - options.Fixed.Count, distinct = points.DistinctPairs;
        if (distinct < free)
            throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0407",
                $"{points.Count} observations at {distinct} distinct (N, D) cannot determine {free} free parameters",
                Help: $"give at least {free} distinct (N, D), better 15 or more, or hold some parameters with --fix"));
    }

    private static bool Same(double value, double best, double rounding) => value <= best * (1 + SameValue) + rounding;

    private static List<Basin> OtherBasins(List<(double[] X, SolverOutcome Outcome)> ends, double best, double rounding, ChinchillaWorkspace workspace)
    {
        var basins = new List<Basin>();
        foreach (var (x, outcome) in ends.Where(e => double.IsFinite(e.Outcome.Value) && !Same(e.Outcome.Value, best, rounding)).OrderBy(e => e.Outcome.Value))
        {
            if (basins.Count > 0 && Same(outcome.Value, basins[^1].Objective, rounding))
                basins[^1] = basins[^1] with { Starts = basins[^1].Starts + 1 };
            else
                basins.Add(new Basin(workspace.LawAt(x), outcome.Value, 1));
        }
        return basins;
    }

    private static IEnumerable<string> BoundNames(double[] x, IReadOnlyDictionary<string, double> held)
    {
        if (x[1] <= 0 && !held.ContainsKey("A"))
            yield return "A";
        if (x[2] <= 0 && !held.ContainsKey("B"))
            yield return "B";
        if (x[0] <= 0 && !held.ContainsKey("E"))
            yield return "E";
        if (x[3] is <= ChinchillaFitOptions.SmallestExponent or >= ChinchillaFitOptions.LargestExponent && !held.ContainsKey("alpha"))
            yield return "alpha";
        if (x[4] is <= ChinchillaFitOptions.SmallestExponent or >= ChinchillaFitOptions.LargestExponent && !held.ContainsKey("beta"))
            yield return "beta";
    }

    private static double ConditionOf(DampedNewton solver)
    {
        int[] free = [.. Enumerable.Range(0, 5).Where(i => solver.Free[i])];
        if (free.Length == 0)
            return 1;
        double[] metric = solver.Metric.ToArray();
        var scaled = Matrix<double>.Build.Dense(free.Length, free.Length, (i, j) =>
        {
            (int r, int c) = (Math.Max(free[i], free[j]), Math.Min(free[i], free[j]));
            return metric[r * 5 + c] / Math.Sqrt(metric[r * 5 + r] * metric[c * 5 + c]);
        });
        var values = scaled.Evd(Symmetricity.Symmetric).EigenValues.Select(v => v.Real).Order().ToArray();
        return values[0] > 1e-15 * values[^1] ? values[^1] / values[0] : double.PositiveInfinity;
    }
}
