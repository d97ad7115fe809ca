using ScalingLab.Laws.Fitting;
using ScalingLab.Laws.Resampling;

namespace ScalingLab.Laws.Tests.Fitting;

public class NonNegativeLeastSquaresTests
{
    /// <summary>Against every choice of columns at 0: the least of those whose solution is 0 or more.</summary>
    [Fact]
    public void No_choice_of_columns_does_better()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new RandomStream(seed, 0);
            const int N = 4, Rows = 9;
            double[,] a = new double[Rows, N];
            var b = new double[Rows];
            for (int k = 0; k < Rows; k++)
            {
                b[k] = random.NextNormal();
                for (int i = 0; i < N; i++)
                    a[k, i] = random.NextNormal();
            }
            double[] square = new double[N * N], right = new double[N];
            for (int i = 0; i < N; i++)
            {
                right[i] = Enumerable.Range(0, Rows).Sum(k => a[k, i] * b[k]);
                for (int j = 0; j < N; j++)
                    square[i * N + j] = Enumerable.Range(0, Rows).Sum(k => a[k, i] * a[k, j]);
            }
            double[] x = NonNegativeLeastSquares.Solve(square, right);
            Assert.All(x, v => Assert.True(v >= 0));
            double least = Enumerable.Range(0, 1 << N).Select(mask => Restricted(square, right, mask)).Where(v => v is not null).Min(v => Value(square, right, v!));
            Assert.Equal(least, Value(square, right, x), 1e-9);
        }
    }

    private static double Value(double[] square, double[] right, double[] x) => Enumerable.Range(0, x.Length).Sum(i => x[i] * (Enumerable.Range(0, x.Length).Sum(j => square[i * x.Length + j] * x[j]) / 2 - right[i]));

    private static double[]? Restricted(double[] square, double[] right, int mask)
    {
        int n = right.Length;
        int[] kept = [.. Enumerable.Range(0, n).Where(i => (mask >> i & 1) == 1)];
        var x = new double[n];
        if (kept.Length == 0)
            return x;
        var solved = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Dense(kept.Length, kept.Length, (i, j) => square[kept[i] * n + kept[j]])
            .Solve(MathNet.Numerics.LinearAlgebra.Vector<double>.Build.Dense([.. kept.Select(i => right[i])]));
        for (int i = 0; i < kept.Length; i++)
            x[kept[i]] = solved[i];
        return x.All(v => v >= 0) ? x : null;
    }
}
