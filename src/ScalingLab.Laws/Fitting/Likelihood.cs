namespace ScalingLab.Laws.Fitting;

/// <summary>The likelihood whose maximum a fit is: an objective Σ ρ(r) taken as the density exp(−ρ(r)/s)/Z(s), its scale s fitted too.</summary>
/// <remarks>
/// Squares give the normal density, absolute values Laplace's, Huber's penalty Huber's density: what Besiroglu et al. 2024, arXiv:2404.10102, fit.
/// Values compare laws fitted to the same observations under the same objective, nothing else.
/// </remarks>
public static class Likelihood
{
    private const double Golden = 0.6180339887498949;

    /// <summary>Largest ln likelihood over the scale: max over s of −n·ln Z(s) − value/s. Infinite for a perfect fit.</summary>
    /// <param name="objective">Objective.</param>
    /// <param name="value">Its value as reported, 0 or more.</param>
    /// <param name="observations">n.</param>
    /// <param name="weights">Weights of the observations, under which each has the scale s/w; null when all are 1.</param>
    public static double Log(Objective objective, double value, int observations, IReadOnlyList<double>? weights = null) =>
        value <= 0 ? double.PositiveInfinity : At(objective, objective.Sum(value, observations), observations, weights, Scale(objective, value, observations, weights));

    /// <summary>The scale s of the largest likelihood; 0 for a perfect fit.</summary>
    /// <inheritdoc cref="Log"/>
    public static double Scale(Objective objective, double value, int observations, IReadOnlyList<double>? weights = null)
    {
        if (value <= 0)
            return 0;
        value = objective.Sum(value, observations);
        // ln s lies near ln(value/n): exactly so for absolute values, within a factor of 2 for squares, between for Huber's.
        double centre = Math.Log(value / observations), low = centre - 5, high = centre + 5;
        while (high - low > 1e-9)
        {
            double a = high - Golden * (high - low), b = low + Golden * (high - low);
            if (At(objective, value, observations, weights, Math.Exp(a)) > At(objective, value, observations, weights, Math.Exp(b)))
                high = b;
            else
                low = a;
        }
        return Math.Exp((low + high) / 2);
    }

    private static double At(Objective objective, double sum, int observations, IReadOnlyList<double>? weights, double scale) =>
        -(weights is null ? observations * LogNormaliser(objective, scale) : weights.Sum(w => LogNormaliser(objective, scale / w))) - sum / scale;

    /// <summary>Corrected information criterion, least is best: Hurvich and Tsai 1989, doi:10.1093/biomet/76.2.297.</summary>
    /// <param name="logLikelihood">From <see cref="Log"/>.</param>
    /// <param name="freeParameters">Free parameters of the law; the scale is counted besides.</param>
    /// <param name="observations">n.</param>
    /// <returns>Null when n is too small for the correction: n &lt; k + 2 with k the parameters and the scale.</returns>
    public static double? Aicc(double logLikelihood, int freeParameters, int observations)
    {
        int k = freeParameters + 1;
        return observations < k + 2 || !double.IsFinite(logLikelihood) ? null : 2 * k - 2 * logLikelihood + 2.0 * k * (k + 1) / (observations - k - 1);
    }

    // ln ∫ exp(−ρ(r)/s) dr.
    private static double LogNormaliser(Objective objective, double s) => objective.Penalty switch
    {
        Penalty.Squared => Math.Log(Math.PI * s) / 2,
        Penalty.Absolute => Math.Log(2 * s),
        Penalty.Asymmetric => Math.Log(s + s / objective.Asymmetry!.Value),
        _ => LogHuberNormaliser(objective.Delta!.Value, s),
    };

    // The normal middle, √(2πs)·erf(δ/√(2s)), and two exponential tails, 2(s/δ)·exp(−δ²/(2s)).
    private static double LogHuberNormaliser(double delta, double s) => Math.Log(
        Math.Sqrt(2 * Math.PI * s) * MathNet.Numerics.SpecialFunctions.Erf(delta / Math.Sqrt(2 * s)) + 2 * s / delta * Math.Exp(-delta * delta / (2 * s)));
}
