namespace ScalingLab.Planning.TestTime;

/// <summary>Coverage of k answers, c(k) = exp(a·k^b), a and b below 0.</summary>
/// <remarks>Brown et al. 2024, arXiv:2407.21787, Eq. 3.</remarks>
/// <param name="A">a: ln of pass@1.</param>
/// <param name="B">b.</param>
/// <param name="RootMeanSquare">Of the coverage errors at the points of the fit.</param>
public sealed record CoverageLaw(double A, double B, double RootMeanSquare)
{
    private const int MostSteps = 100;

    /// <summary>Coverage at k.</summary>
    public double At(double k) => Math.Exp(A * Math.Pow(k, B));

    /// <summary>Least squares of coverage; null when fewer than three points lie strictly between 0 and 1, or coverage does not rise.</summary>
    /// <remarks>Starts from the line ln(−ln c) = ln(−a) + b·ln k, then Gauss-Newton steps on c, halved until the sum of squares falls.</remarks>
    public static CoverageLaw? Fit(IReadOnlyList<(double K, double Coverage)> points)
    {
        var used = points.Where(p => p.Coverage is > 0 and < 1).ToArray();
        if (used.Length < 3)
            return null;
        double x = used.Average(p => Math.Log(p.K)), y = used.Average(p => Math.Log(-Math.Log(p.Coverage)));
        double xx = used.Sum(p => Square(Math.Log(p.K) - x)), xy = used.Sum(p => (Math.Log(p.K) - x) * (Math.Log(-Math.Log(p.Coverage)) - y));
        if (!(xx > 0) || !(xy < 0))
            return null;
        double b = xy / xx, lnA = y - b * x; // a = −e^lnA: keeps its sign
        double sum = Sum(lnA, b);
        for (int step = 0; step < MostSteps; step++)
        {
            double jj = 0, jk = 0, kk = 0, jr = 0, kr = 0;
            foreach (var (k, coverage) in used)
            {
                double inner = -Math.Exp(lnA + b * Math.Log(k)), c = Math.Exp(inner), j = c * inner, l = j * Math.Log(k), r = coverage - c;
                (jj, jk, kk, jr, kr) = (jj + j * j, jk + j * l, kk + l * l, jr + j * r, kr + l * r);
            }
            double determinant = jj * kk - jk * jk;
            if (!(determinant > 1e-14 * jj * kk))
                break;
            double dA = (kk * jr - jk * kr) / determinant, dB = (jj * kr - jk * jr) / determinant, length = 1;
            double next;
            while (!((next = Sum(lnA + length * dA, b + length * dB)) <= sum) && length > 1e-8)
                length /= 2;
            if (!(next <= sum))
                break;
            bool settled = Math.Abs(length * dA) + Math.Abs(length * dB) < 1e-13;
            (lnA, b, sum) = (lnA + length * dA, b + length * dB, next);
            if (settled)
                break;
        }
        return new(-Math.Exp(lnA), b, Math.Sqrt(sum / used.Length));

        double Sum(double logA, double exponent) => used.Sum(p => Square(p.Coverage - Math.Exp(-Math.Exp(logA + exponent * Math.Log(p.K)))));
    }

    private static double Square(double x) => x * x;
}
