using ScalingLab.Core.Models;

namespace ScalingLab.Training.Benchmarks;

/// <summary>Which of the three products of a linear map y = x·Wᵀ.</summary>
public enum ProductKind
{
    /// <summary>x·Wᵀ: right operand transposed.</summary>
    Forward,

    /// <summary>∂y·W: neither.</summary>
    InputGradient,

    /// <summary>∂yᵀ·x: left operand transposed.</summary>
    WeightGradient,
}

/// <summary>A product of an (m, k) and a (k, n) matrix.</summary>
/// <param name="Name">Where a model has it.</param>
/// <param name="Kind">How its operands are stored.</param>
/// <param name="M">Rows.</param>
/// <param name="N">Columns.</param>
/// <param name="K">Length of the sums.</param>
public sealed record Product(string Name, ProductKind Kind, long M, long N, long K)
{
    /// <summary>2·m·n·k: a multiply-add counts as two.</summary>
    public double Flops => 2.0 * M * N * K;

    /// <summary>A product of square matrices.</summary>
    public static Product Square(long n) => new("square", ProductKind.Forward, n, n, n);

    /// <summary>The products of the linear maps of a model, forward and backward, each shape once.</summary>
    /// <param name="shape">The model.</param>
    /// <param name="vocabulary">Columns of the head.</param>
    /// <param name="batch">Sequences a step.</param>
    public static IEnumerable<Product> OfModel(ModelShape shape, int vocabulary, int batch)
    {
        long rows = (long)batch * shape.ContextTokens, width = shape.Width;
        (string Name, long In, long Out)[] maps = [("qkv", width, 3 * width), ("attention output", width, width), ("mlp input", width, shape.HiddenWidth), ("mlp output", shape.HiddenWidth, width), ("head", width, vocabulary)];
        foreach ((string name, long input, long output) in maps)
        {
            yield return new Product(name, ProductKind.Forward, rows, output, input);
            yield return new Product(name, ProductKind.InputGradient, rows, input, output);
            yield return new Product(name, ProductKind.WeightGradient, output, input, rows);
        }
    }
}

/// <summary>Times matrix products on the threads in force.</summary>
public static class ProductBenchmark
{
    /// <summary>Puts a number of threads in force for all that comes after.</summary>
    public static void UseThreads(int threads) => set_num_threads(threads);

    /// <summary>Seconds of a product; its operands stay where they are, as in a step whose caches hold them.</summary>
    /// <param name="product">What to time.</param>
    /// <param name="seconds">About how long to repeat it, five times at least; above 0.</param>
    /// <param name="device">Where; null for float32 on the CPU.</param>
    public static Timings Time(Product product, double seconds, BenchDevice? device = null)
    {
        BenchDevice on = device ?? BenchDevice.Cpu;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        (bool leftTransposed, bool rightTransposed) = (product.Kind == ProductKind.WeightGradient, product.Kind == ProductKind.Forward);
        Tensor left = leftTransposed ? on.Operand([product.K, product.M], 0.5).transpose(0, 1) : on.Operand([product.M, product.K], 0.5);
        Tensor right = rightTransposed ? on.Operand([product.N, product.K], 0.25).transpose(0, 1) : on.Operand([product.K, product.N], 0.25);
        return Repeated.Time(seconds, () => left.matmul(right).Dispose(), on.Synchronise);
    }
}
