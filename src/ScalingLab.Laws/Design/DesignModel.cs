using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Design;

/// <summary>The error of a quantity after fitting the present runs and some more, to first order.</summary>
/// <remarks>
/// With J the gradient of a prediction in θ = (E, A', B', α, β) (centred as in <see cref="ChinchillaProblem"/>), the fit's covariance is
/// 1. M = Σ J Jᵀ over observations, S = σ²·Σ over clusters of [(1 − ρ)·Σ J Jᵀ + ρ·(Σ J)(Σ J)ᵀ]: errors of one cluster share the part ρ.
/// 2. P, a weak prior (exponents ±1, the rest ±3 mean losses), so that designs are comparable also where the present runs determine nothing yet.
/// 3. V = (M + σ²P)⁻¹·(S + σ⁴P)·(M + σ²P)⁻¹, and the variance of a quantity is gᵀ V g with its gradient g (delta method).
/// Without shared errors V = σ²(M + σ²P)⁻¹, and minimising gᵀ V g is a c-optimal design: Fedorov 1972; Chernoff 1953, doi:10.1214/aoms/1177728915, for laws that are not linear.
/// </remarks>
public sealed class DesignModel
{
    private const int Size = 5;
    private const double PriorExponent = 1;
    private const double PriorLosses = 3;

    private readonly ChinchillaLaw law;
    private readonly ResidualNoise noise;
    private readonly bool log;
    private readonly bool[] held = new bool[Size];
    private readonly double centreN, centreD, amplitudeA, amplitudeB;
    private readonly double[] gradient = new double[Size];

    /// <summary>Of a fit and the quantity that matters.</summary>
    /// <param name="points">The present observations.</param>
    /// <param name="fit">Their fit.</param>
    /// <param name="fixedNames">Parameters held.</param>
    /// <param name="noise">Noise of one observation.</param>
    /// <param name="quantity">What matters.</param>
    public DesignModel(FitPoints points, ChinchillaFit fit, IReadOnlyCollection<string> fixedNames, ResidualNoise noise, DesignQuantity quantity)
    {
        (law, this.noise, log) = (fit.Law, noise, fit.Objective.Scale == ResidualScale.Log);
        centreN = points.Parameters.Average(Math.Log);
        centreD = points.Tokens.Average(Math.Log);
        amplitudeA = law.A * Math.Exp(-law.Alpha * centreN);
        amplitudeB = law.B * Math.Exp(-law.Beta * centreD);
        string[] order = ["E", "A", "B", "alpha", "beta"];
        for (int i = 0; i < Size; i++)
            held[i] = fixedNames.Contains(order[i]);
        double losses = PriorLosses * points.Loss.Average();
        Present = new Information();
        double variance = noise.Sd * noise.Sd;
        for (int i = 0; i < Size; i++)
        {
            double sd = i < 3 ? losses : PriorExponent;
            Present.M[i * Size + i] = variance / (sd * sd);
            Present.S[i * Size + i] = variance * variance / (sd * sd);
        }
        foreach (var cluster in Enumerable.Range(0, points.Count).GroupBy(i => points.Clusters[i]))
            Add(Present, 1, [.. cluster.Select(i => (points.Parameters[i], points.Tokens[i]))]);
        Differentiate(quantity, points.FlopsPerParameterToken);
    }

    /// <summary>M and S of the present runs, with the prior.</summary>
    public Information Present { get; }

    /// <summary>Adds a run's part; with <paramref name="times"/> −1 takes it away again.</summary>
    public void Add(Information to, double times, CandidateRun run) => Add(to, times, [.. run.Tokens.Select(d => (run.Parameters, d))]);

    /// <summary>Adds the parts of several observations that share a cluster.</summary>
    public void Add(Information to, double times, ReadOnlySpan<(double N, double D)> observations)
    {
        double variance = noise.Sd * noise.Sd;
        Span<double> j = stackalloc double[Size], sum = stackalloc double[Size];
        sum.Clear();
        foreach ((double n, double d) in observations)
        {
            Jacobian(n, d, j);
            for (int r = 0; r < Size; r++)
            {
                sum[r] += j[r];
                for (int c = 0; c <= r; c++)
                {
                    to.M[r * Size + c] += times * j[r] * j[c];
                    to.S[r * Size + c] += times * variance * (1 - noise.Shared) * j[r] * j[c];
                }
            }
        }
        for (int r = 0; r < Size; r++)
        {
            for (int c = 0; c <= r; c++)
                to.S[r * Size + c] += times * variance * noise.Shared * sum[r] * sum[c];
        }
    }

    /// <summary>Standard error of the quantity, or of its logarithm: gᵀ V g under the root; infinite where M is singular.</summary>
    public double StandardError(Information at)
    {
        Span<double> factor = stackalloc double[Size * Size], x = stackalloc double[Size];
        at.M.CopyTo(factor);
        if (!SmallCholesky.Factor(factor, Size))
            return double.PositiveInfinity;
        gradient.CopyTo(x);
        SmallCholesky.Solve(factor, Size, x);
        double sum = 0;
        for (int r = 0; r < Size; r++)
        {
            for (int c = 0; c <= r; c++)
                sum += (r == c ? 1 : 2) * at.S[r * Size + c] * x[r] * x[c];
        }
        return Math.Sqrt(Math.Max(sum, 0));
    }

    private void Jacobian(double n, double d, Span<double> j)
    {
        double x = Math.Log(n) - centreN, y = Math.Log(d) - centreD, u = Math.Exp(-law.Alpha * x), v = Math.Exp(-law.Beta * y);
        double scale = log ? 1 / (law.E + amplitudeA * u + amplitudeB * v) : 1;
        (j[0], j[1], j[2], j[3], j[4]) = (scale, scale * u, scale * v, -scale * amplitudeA * u * x, -scale * amplitudeB * v * y);
        for (int i = 0; i < Size; i++)
            j[i] = held[i] ? 0 : j[i];
    }

    // Central differences: the quantities are smooth closed forms of order 1 to 100, so that steps of 1e-5 err by 1e-9 or so.
    private void Differentiate(DesignQuantity quantity, double k)
    {
        double[] theta = [law.E, amplitudeA, amplitudeB, law.Alpha, law.Beta];
        for (int i = 0; i < Size; i++)
        {
            double step = 1e-5 * Math.Max(Math.Abs(theta[i]), 1e-2);
            gradient[i] = held[i] ? 0 : (At(i, step) - At(i, -step)) / (2 * step);
        }

        double At(int i, double step)
        {
            double[] moved = [.. theta];
            moved[i] += step;
            return quantity.Value(new(moved[0], moved[1] * Math.Exp(moved[3] * centreN), moved[2] * Math.Exp(moved[4] * centreD), moved[3], moved[4]), k);
        }
    }

    /// <summary>M and S of <see cref="DesignModel"/>, row by row, lower triangles.</summary>
    public sealed class Information
    {
        /// <summary>M.</summary>
        public double[] M { get; init; } = new double[Size * Size];

        /// <summary>S.</summary>
        public double[] S { get; init; } = new double[Size * Size];

        /// <summary>A copy of its own.</summary>
        public Information Copy() => new() { M = [.. M], S = [.. S] };

        /// <summary>Sum of two; times −1 the difference.</summary>
        public void Add(Information other, double times)
        {
            for (int i = 0; i < M.Length; i++)
            {
                M[i] += times * other.M[i];
                S[i] += times * other.S[i];
            }
        }
    }
}
