using ScalingLab.Core.Units;

namespace ScalingLab.Laws;

/// <summary>Loss of a model with N parameters trained on D tokens: L(N, D) = E + A/N^α + B/D^β.</summary>
/// <remarks>
/// Hoffmann et al. 2022, arXiv:2203.15556, Eq. 2. E, A and B are in nats per token; N counts embeddings,
/// as in that paper, unless the law was fitted on another count.
/// </remarks>
public sealed record ChinchillaLaw(double E, double A, double B, double Alpha, double Beta)
{
    /// <summary>FLOPs a parameter a token of the usual count C = 6·N·D: 2 forward, 4 backward (Kaplan et al. 2020, arXiv:2001.08361, Sec. 2.1).</summary>
    public const double SixNd = 6;

    /// <summary>Names of the parameters in the order of <see cref="Gradient"/>, as in files and tables.</summary>
    public static readonly IReadOnlyList<string> ParameterNames = ["A", "B", "E", "alpha", "beta"];

    /// <summary>Eq. 2.</summary>
    public NatsPerToken Loss(double n, double d) => new(E + A / Math.Pow(n, Alpha) + B / Math.Pow(d, Beta));

    /// <summary>∂L/∂(A, B, E, α, β) of Eq. 2 at (N, D).</summary>
    public void Gradient(double n, double d, Span<double> gradient)
    {
        double u = Math.Pow(n, -Alpha), v = Math.Pow(d, -Beta);
        gradient[0] = u;
        gradient[1] = v;
        gradient[2] = 1;
        gradient[3] = -A * u * Math.Log(n);
        gradient[4] = -B * v * Math.Log(d);
    }

    /// <summary>Eq. 4: the (N, D) of least loss whose training costs the budget.</summary>
    /// <param name="budget">C, above 0.</param>
    /// <param name="flopsPerParameterToken">k in C = k·N·D; the paper has 6.</param>
    /// <returns>NaN or infinite parts when A, B, α or β is not above 0: such a law has no interior optimum.</returns>
    public Allocation ComputeOptimal(Flops budget, double flopsPerParameterToken = SixNd)
    {
        double g = Math.Pow(Alpha * A / (Beta * B), 1 / (Alpha + Beta));
        double nd = budget.Count / flopsPerParameterToken;
        return new(g * Math.Pow(nd, ExponentN), Math.Pow(nd, ExponentD) / g);
    }

    /// <summary>a = β/(α+β), Eq. 4: N_opt grows as C^a.</summary>
    public double ExponentN => Beta / (Alpha + Beta);

    /// <summary>b = α/(α+β), Eq. 4: D_opt grows as C^b.</summary>
    public double ExponentD => Alpha / (Alpha + Beta);

    /// <summary>The value of a parameter by its name in <see cref="ParameterNames"/>.</summary>
    public double Parameter(string name) => name switch
    {
        "A" => A,
        "B" => B,
        "E" => E,
        "alpha" => Alpha,
        "beta" => Beta,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Not a parameter of the Chinchilla law."),
    };
}
