using ScalingLab.Laws.Curves;
using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Intervals;

/// <summary>What a Chinchilla law determines, as functions of (E, A', B', α, β) of <see cref="ChinchillaProblem"/>.</summary>
/// <param name="centreN">c_N.</param>
/// <param name="centreD">c_D.</param>
/// <param name="flopsPerParameterToken">k in C = k·N·D.</param>
public sealed class ChinchillaQuantities(double centreN, double centreD, double flopsPerParameterToken)
{
    private const double Huge = 1e300;

    /// <summary>A parameter by its name.</summary>
    public Quantity Parameter(string name) => name switch
    {
        "A" => new(name, LogA, true, 0, Huge),
        "B" => new(name, LogB, true, 0, Huge),
        "E" => new(name, x => x[0], false, 0, Huge, LowIsNatural: true),
        "alpha" => new(name, x => x[3], false, ChinchillaFitOptions.SmallestExponent, ChinchillaFitOptions.LargestExponent),
        "beta" => new(name, x => x[4], false, ChinchillaFitOptions.SmallestExponent, ChinchillaFitOptions.LargestExponent),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Not a parameter of the Chinchilla law."),
    };

    /// <summary>a = β/(α + β).</summary>
    public Quantity ExponentN { get; } = new("exponentN", x => x[4] / (x[3] + x[4]), false, 0.001, 0.999);

    /// <summary>b = α/(α + β).</summary>
    public Quantity ExponentD { get; } = new("exponentD", x => x[3] / (x[3] + x[4]), false, 0.001, 0.999);

    /// <summary>N* of a budget: Hoffmann et al. 2022, Eq. 4, as ln N* = [ln(αA) − ln(βB) + β·ln(C/k)]/(α + β).</summary>
    public Quantity OptimalParameters(double flops) => new("params", x => LogOptimalParameters(x, LogNd(flops)), true, 0, Huge);

    /// <summary>D* of a budget: ln D* = ln(C/k) − ln N*.</summary>
    public Quantity OptimalTokens(double flops) => new("tokens", x => LogNd(flops) - LogOptimalParameters(x, LogNd(flops)), true, 0, Huge);

    /// <summary>D*/N* of a budget.</summary>
    public Quantity TokensPerParameter(double flops) => new("tokensPerParam", x => LogNd(flops) - 2 * LogOptimalParameters(x, LogNd(flops)), true, 0, Huge);

    /// <summary>Loss at the optimum of a budget: E + P·(1 + α/β) with P = A/N*^α, ln P = [β ln A + α ln B − αβ·ln(C/k) − α ln(α/β)]/(α + β), since αP equals β·B/D*^β there.</summary>
    public Quantity OptimalLoss(double flops) => new("loss", x =>
    {
        (Jet alpha, Jet beta) = (x[3], x[4]);
        Jet p = Jet.Exp((beta * LogA(x) + alpha * LogB(x) - alpha * beta * LogNd(flops) - alpha * Jet.Log(alpha / beta)) / (alpha + beta));
        return x[0] + p * (1 + alpha / beta);
    }, false, 0, Huge);

    /// <summary>Loss at (N, D).</summary>
    public Quantity Loss(double parameters, double tokens) =>
        new("loss", x => x[0] + x[1] * Jet.Exp(-1 * x[3] * (Math.Log(parameters) - centreN)) + x[2] * Jet.Exp(-1 * x[4] * (Math.Log(tokens) - centreD)), false, 0, Huge);

    private double LogNd(double flops) => Math.Log(flops / flopsPerParameterToken);

    private Jet LogA(ReadOnlySpan<Jet> x) => Jet.Log(x[1]) + x[3] * centreN;

    private Jet LogB(ReadOnlySpan<Jet> x) => Jet.Log(x[2]) + x[4] * centreD;

    private Jet LogOptimalParameters(ReadOnlySpan<Jet> x, double logNd) => (LogA(x) - LogB(x) + Jet.Log(x[3] / x[4]) + x[4] * logNd) / (x[3] + x[4]);
}
