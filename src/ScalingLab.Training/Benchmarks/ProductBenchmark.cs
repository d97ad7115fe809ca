using System.Diagnostics;

namespace ScalingLab.Training.Benchmarks;

/// <summary>Times products of float32 matrices, (m, k) × (k, n), the way a linear map of the model calls them.</summary>
public static class ProductBenchmark
{
    /// <summary>2·m·n·k: a multiply-add counts as two.</summary>
    public static double FlopsOf(long m, long n, long k) => 2.0 * m * n * k;

    /// <summary>Seconds of a product whose right operand is stored transposed, as weights are.</summary>
    /// <param name="m">Rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="k">Length of the sums.</param>
    /// <param name="repeats">Times taken, 1 or more; one product before them is not timed.</param>
    public static Timings Time(long m, long n, long k, int repeats)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        Tensor x = full([m, k], 0.5), weights = full([n, k], 0.25);
        var seconds = new double[repeats];
        nn.functional.linear(x, weights).Dispose();
        for (int i = 0; i < repeats; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using Tensor product = nn.functional.linear(x, weights);
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        return Timings.Of(seconds);
    }
}
