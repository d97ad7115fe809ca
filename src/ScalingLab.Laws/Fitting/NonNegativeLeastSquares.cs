namespace ScalingLab.Laws.Fitting;

/// <summary>min ‖Ax − b‖ over x ≥ 0, from the normal equations of a few columns of like size.</summary>
/// <remarks>
/// Lawson and Hanson 1974, Solving Least Squares Problems, chapter 23: columns enter one at a time, the one of the steepest descent first;
/// after each, those that would fall below 0 leave at the first bound on the way.
/// </remarks>
public static class NonNegativeLeastSquares
{
    private const double Ridge = 1e-13; // Of the diagonal: equal columns stay solvable.

    /// <summary>The least x.</summary>
    /// <param name="square">AᵀA, n × n.</param>
    /// <param name="right">Aᵀb.</param>
    public static double[] Solve(ReadOnlySpan<double> square, ReadOnlySpan<double> right)
    {
        int n = right.Length;
        double[] x = new double[n], target = new double[n], matrix = new double[n * n];
        var passive = new bool[n];
        for (int entry = 0; entry < 3 * n; entry++)
        {
            int best = -1;
            double steepest = 1e-12;
            for (int i = 0; i < n; i++)
            {
                double slope = right[i];
                for (int j = 0; j < n; j++)
                    slope -= square[i * n + j] * x[j];
                if (!passive[i] && slope > steepest * Math.Abs(right[i]))
                    (best, steepest) = (i, slope / Math.Abs(right[i]));
            }
            if (best < 0)
                break;
            passive[best] = true;
            while (true)
            {
                for (int i = 0; i < n; i++)
                {
                    for (int j = 0; j <= i; j++)
                        matrix[i * n + j] = passive[i] && passive[j] ? square[i * n + j] * (i == j ? 1 + Ridge : 1) : i == j ? 1 : 0;
                    target[i] = passive[i] ? right[i] : 0;
                }
                if (!SmallCholesky.Factor(matrix, n))
                    return x;
                SmallCholesky.Solve(matrix, n, target);
                double reach = 1;
                for (int i = 0; i < n; i++)
                {
                    if (passive[i] && target[i] <= 0)
                        reach = Math.Min(reach, x[i] / (x[i] - target[i]));
                }
                for (int i = 0; i < n; i++)
                    x[i] += reach * (target[i] - x[i]);
                if (reach >= 1)
                    break;
                for (int i = 0; i < n; i++)
                {
                    if (passive[i] && x[i] <= 1e-15 * Math.Abs(target[i]))
                        (passive[i], x[i]) = (false, 0);
                }
            }
        }
        return x;
    }
}
