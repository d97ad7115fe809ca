using ScalingLab.Laws.Fitting;

namespace ScalingLab.Laws.Curves;

/// <summary>L(X) = (Xc/X)^α in one of N, D, C: a straight line in logarithms.</summary>
/// <remarks>Kaplan et al. 2020, arXiv:2001.08361, Eq. 1.1, 1.2 and 1.3. N without embeddings; C in FLOPs here, where the paper has PF-days (8.64e19 FLOPs).</remarks>
public sealed record KaplanPower : LossCurve
{
    private readonly Inputs input;

    private KaplanPower(string name, string formula, string equation, Inputs input, string scale, string exponent)
        : base(name, formula, $"Kaplan et al. 2020, arXiv:2001.08361, Eq. {equation}", input, [CurveParameter.Scale(scale), CurveParameter.Exponent(exponent)]) => this.input = input;

    /// <summary>Eq. 1.1: models of limited size, trained to convergence.</summary>
    public static readonly KaplanPower OfParameters = new("kaplan-n", "L(N) = (Nc/N)^alphaN", "1.1", Inputs.Parameters, "Nc", "alphaN");

    /// <summary>Eq. 1.2: limited data, stopped early.</summary>
    public static readonly KaplanPower OfTokens = new("kaplan-d", "L(D) = (Dc/D)^alphaD", "1.2", Inputs.Tokens, "Dc", "alphaD");

    /// <summary>Eq. 1.3: limited compute, at the best allocation.</summary>
    public static readonly KaplanPower OfCompute = new("kaplan-c", "L(C) = (Cc/C)^alphaC", "1.3", Inputs.Flops, "Cc", "alphaC");

    /// <inheritdoc/>
    public override Jet LogLoss(in Setting at, ReadOnlySpan<Jet> x) => x[1] * (x[0] - Math.Log(Read(at)));

    /// <inheritdoc/>
    public override IEnumerable<double[]> Starts(FitPoints points)
    {
        double centre = Enumerable.Range(0, points.Count).Average(i => Math.Log(Read(points.Setting(i)))), loss = MeanLog(points.Loss);
        foreach (double exponent in new[] { 0.03, 0.1, 0.3 })
            yield return [Math.Exp(Math.Clamp(centre + loss / exponent, -200, 600)), exponent];
    }

    private double Read(in Setting at) => input switch { Inputs.Parameters => at.N, Inputs.Tokens => at.D, _ => at.C };
}

/// <summary>L(N, D) = [(Nc/N)^(αN/αD) + Dc/D]^αD.</summary>
/// <remarks>Kaplan et al. 2020, arXiv:2001.08361, Eq. 1.5.</remarks>
public sealed record KaplanJoint() : LossCurve("kaplan-nd", "L(N, D) = [(Nc/N)^(alphaN/alphaD) + Dc/D]^alphaD", "Kaplan et al. 2020, arXiv:2001.08361, Eq. 1.5",
    Inputs.Parameters | Inputs.Tokens, [CurveParameter.Scale("Nc"), CurveParameter.Scale("Dc"), CurveParameter.Exponent("alphaN"), CurveParameter.Exponent("alphaD")])
{
    /// <inheritdoc/>
    public override Jet LogLoss(in Setting at, ReadOnlySpan<Jet> x) =>
        x[3] * Jet.LogSumExp(x[2] / x[3] * (x[0] - Math.Log(at.N)), x[1] - Math.Log(at.D));

    // The two terms alike amid the data.
    /// <inheritdoc/>
    public override IEnumerable<double[]> Starts(FitPoints points)
    {
        double n = MeanLog(points.Parameters), d = MeanLog(points.Tokens), loss = MeanLog(points.Loss);
        foreach (double alphaD in new[] { 0.05, 0.1, 0.3 })
        {
            double half = loss / alphaD - Math.Log(2);
            foreach (double ratio in new[] { 0.5, 1, 2 })
                yield return [Math.Exp(n + half / ratio), Math.Exp(d + half), ratio * alphaD, alphaD];
        }
    }
}
