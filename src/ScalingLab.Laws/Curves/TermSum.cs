using ScalingLab.Core;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Tables;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>L = E + Σ A_i/x_i^α_i over columns that the user names: width, depth, parameters, tokens or any other.</summary>
/// <remarks>
/// Hoffmann et al. 2022, arXiv:2203.15556, Eq. 2 is the sum over N and D; McLeish et al. 2025 (Gemstones), arXiv:2502.06857, sum over width, depth, N and D.
/// With the exponents given, E and the A_i are a linear problem: each start solves it exactly under E, A_i ≥ 0 (variable projection, Golub and Pereyra 1973).
/// </remarks>
public sealed record TermSum : LossCurve
{
    /// <summary>Most terms: 13 parameters.</summary>
    public const int MostTerms = 6;

    private readonly string[] terms;

    /// <summary>A sum over columns, by their names.</summary>
    /// <exception cref="UserErrorException">There is none, too many or one twice.</exception>
    public TermSum(IReadOnlyList<string> terms)
        : base("sum", "L = E + " + string.Join(" + ", terms.Select(t => $"A_{t}/{t}^alpha_{t}")), "McLeish et al. 2025, arXiv:2502.06857; over N and D, Hoffmann et al. 2022, arXiv:2203.15556, Eq. 2", 0,
            [CurveParameter.Floor("E"), .. terms.Select(t => CurveParameter.Scale($"A_{t}")), .. terms.Select(t => CurveParameter.Exponent($"alpha_{t}"))])
    {
        if (terms.Count is 0 or > MostTerms || terms.Distinct().Count() < terms.Count)
        {
            throw new UserErrorException(ExitCode.Usage, new Diagnostic("SL0120", terms.Count == 0 ? "--law sum needs --terms" : terms.Count > MostTerms ? $"--terms names {terms.Count} columns; {MostTerms} is the most" : "--terms names a column twice",
                Help: "name columns of the source, e.g. --terms width,depth,params,tokens"));
        }
        this.terms = [.. terms];
    }

    /// <inheritdoc/>
    public override string InputNames => terms.Length == 1 ? terms[0] : $"({string.Join(", ", terms)})";

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Terms => terms;

    /// <inheritdoc/>
    public override int Distinct(FitPoints points) => Enumerable.Range(0, points.Count).Select(i => string.Join('|', points.Setting(i).Terms)).Distinct().Count();

    /// <inheritdoc/>
    public override FitPoints Complete(FitPoints points, ObservationTable table)
    {
        double[][] columns = [.. terms.Select(t => table.Numbers(t, "--terms"))];
        foreach ((string name, double[] values) in terms.Zip(columns))
        {
            if (values.AsSpan().IndexOfAnyExcept(values[0]) < 0)
            {
                throw new UserErrorException(ExitCode.CorruptData, new Diagnostic("SL0602", FormattableString.Invariant($"{name} is {values[0]} in all {values.Length} observations: its term cannot be told from E"),
                    Help: $"leave {name} out of --terms, or add runs in which it differs"));
            }
        }
        return points.With([.. Enumerable.Range(0, points.Count).Select(i => columns.Select(c => c[i]).ToArray())]);
    }

    /// <inheritdoc/>
    public override Jet LogLoss(in Setting at, ReadOnlySpan<Jet> x)
    {
        Jet sum = x[0];
        for (int i = 0; i < terms.Length; i++)
            sum += Jet.Exp(x[1 + i] - x[1 + terms.Length + i] * Math.Log(at.Terms[i]));
        return Jet.Log(sum);
    }

    /// <inheritdoc/>
    public override CurveEvaluator Evaluator(int[] free) => new TermSumEvaluator(terms.Length, free);

    // Exponents low or high in every combination, and all alike; E and the A_i by least squares of the relative error.
    /// <inheritdoc/>
    public override IEnumerable<double[]> Starts(FitPoints points)
    {
        int n = terms.Length;
        for (int choice = 0; choice < 1 << n; choice++)
            yield return Projected(points, [.. Enumerable.Range(0, n).Select(i => (choice >> i & 1) == 0 ? 0.25 : 0.6)]);
        foreach (double alike in new[] { 0.1, 0.4, 1, 2 })
            yield return Projected(points, [.. Enumerable.Repeat(alike, n)]);
    }

    /// <summary>Parameters with given exponents whose E and A_i are the least squares of L̂/L − 1; an A_i of 0 becomes a trace, since a start needs its logarithm.</summary>
    public double[] Projected(FitPoints points, double[] exponents)
    {
        const double Trace = 1e-3; // Of the mean loss.
        int n = terms.Length, size = n + 1;
        double[] centres = [.. Enumerable.Range(0, n).Select(i => Enumerable.Range(0, points.Count).Average(k => Math.Log(points.Setting(k).Terms[i])))];
        double[] square = new double[size * size], right = new double[size], row = new double[size], weights = points.Weights(ResidualScale.Log);
        for (int k = 0; k < points.Count; k++)
        {
            double[] x = points.Setting(k).Terms;
            row[0] = 1 / points.Loss[k];
            for (int i = 0; i < n; i++)
                row[1 + i] = Math.Exp(-exponents[i] * (Math.Log(x[i]) - centres[i])) / points.Loss[k];
            for (int i = 0; i < size; i++)
            {
                right[i] += weights[k] * row[i];
                for (int j = 0; j < size; j++)
                    square[i * size + j] += weights[k] * row[i] * row[j];
            }
        }
        double[] linear = NonNegativeLeastSquares.Solve(square, right);
        double trace = Trace * points.Loss.Average();
        return [linear[0], .. Enumerable.Range(0, n).Select(i => Math.Max(linear[1 + i], trace) * Math.Exp(exponents[i] * centres[i])), .. exponents];
    }
}

/// <summary>Derivatives of <see cref="TermSum"/> in closed form: with t_i = A_i/x_i^α_i, ∂m/∂ln A_i = t_i and ∂m/∂α_i = −t_i ln x_i, and no two terms mix.</summary>
/// <param name="terms">Number of terms.</param>
/// <param name="free">Indices of the free variables.</param>
internal sealed class TermSumEvaluator(int terms, int[] free) : CurveEvaluator
{
    private readonly double[] x = new double[1 + 2 * terms], slopes = new double[1 + 2 * terms];
    private readonly double[] values = new double[terms], logs = new double[terms];

    /// <inheritdoc/>
    public override void Move(ReadOnlySpan<double> x) => x.CopyTo(this.x);

    /// <inheritdoc/>
    public override double LogLoss(in Setting at, Span<double> gradient, Span<double> hessian)
    {
        double m = x[0];
        for (int i = 0; i < terms; i++)
        {
            logs[i] = Math.Log(at.Terms[i]);
            values[i] = Math.Exp(x[1 + i] - x[1 + terms + i] * logs[i]);
            m += values[i];
        }
        slopes[0] = 1 / m;
        for (int i = 0; i < terms; i++)
            (slopes[1 + i], slopes[1 + terms + i]) = (values[i] / m, -values[i] * logs[i] / m);
        for (int i = 0, k = 0; i < free.Length; i++)
        {
            int row = free[i];
            gradient[i] = slopes[row];
            for (int j = 0; j <= i; j++, k++)
                hessian[k] = Curvature(row, free[j]) / m - slopes[row] * slopes[free[j]]; // ∂²ln m = ∂²m/m − ∂m∂mᵀ/m²
        }
        return Math.Log(m);
    }

    // ∂²m/∂x_row∂x_column with column at most row.
    private double Curvature(int row, int column)
    {
        int term = (row - 1) % terms;
        if (row == 0 || column == 0 || (column - 1) % terms != term)
            return 0;
        double byExponent = -logs[term], value = values[term];
        return row <= terms ? value : column <= terms ? value * byExponent : value * byExponent * byExponent;
    }
}
