namespace ScalingLab.Laws.Curves;

/// <summary>The laws that are fitted as curves, by name.</summary>
public static class CurveLaws
{
    /// <summary>Names, as on the command line.</summary>
    public static readonly IReadOnlyList<string> Names = 
    [
        "chinchilla-tied", "kaplan-n", "kaplan-d", "kaplan-c", "kaplan-nd", "kaplan-ns", "critical-batch", "data-constrained", "data-constrained-geometric", "overtraining", "power", "broken-power", "sum",
    ];

    /// <summary>A law by its name; null when there is none.</summary>
    /// <param name="name">Name.</param>
    /// <param name="of">Column of the power laws.</param>
    /// <param name="terms">Columns of a sum.</param>
    public static LossCurve? Find(string name, Inputs of = Inputs.Flops, IReadOnlyList<string>? terms = null) => name switch
    {
        "chinchilla-tied" => new ChinchillaTied(),
        "kaplan-n" => KaplanPower.OfParameters,
        "kaplan-d" => KaplanPower.OfTokens,
        "kaplan-c" => KaplanPower.OfCompute,
        "kaplan-nd" => new KaplanJoint(),
        "kaplan-ns" => KaplanSteps.WithBatch,
        "critical-batch" => new CriticalBatch(),
        "overtraining" => new Overtraining(),
        "broken-power" => new BrokenPower(of),
        "sum" => new TermSum(terms ?? []),
        "data-constrained" => new DataConstrained(),
        "data-constrained-geometric" => new DataConstrainedGeometric(),
        "power" => new OffsetPower(of),
        _ => null,
    };
}
