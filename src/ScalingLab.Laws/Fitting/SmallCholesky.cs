namespace ScalingLab.Laws.Fitting;

/// <summary>Cholesky's factors of matrices of a few rows, in place and without allocation.</summary>
public static class SmallCholesky
{
    /// <summary>Overwrites the lower triangle with L of L·Lᵀ.</summary>
    /// <returns>False when the matrix is not positive definite.</returns>
    public static bool Factor(Span<double> matrix, int n)
    {
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = matrix[i * n + j];
                for (int k = 0; k < j; k++)
                    sum -= matrix[i * n + k] * matrix[j * n + k];
                if (i != j)
                    matrix[i * n + j] = sum / matrix[j * n + j];
                else if (sum > 0)
                    matrix[i * n + i] = Math.Sqrt(sum);
                else
                    return false;
            }
        }
        return true;
    }

    /// <summary>Solves L·Lᵀ x = b in place of b.</summary>
    public static void Solve(ReadOnlySpan<double> factor, int n, Span<double> b)
    {
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < i; k++)
                b[i] -= factor[i * n + k] * b[k];
            b[i] /= factor[i * n + i];
        }
        for (int i = n - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < n; k++)
                b[i] -= factor[k * n + i] * b[k];
            b[i] /= factor[i * n + i];
        }
    }
}
