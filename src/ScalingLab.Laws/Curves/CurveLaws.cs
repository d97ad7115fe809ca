namespace ScalingLab.Laws.Curves;

/// <summary>The laws that are fitted as curves, by name.</summary>
public static class CurveLaws
{
    /// <summary>Names, as on the command line.</summary>
    public static readonly IReadOnlyList<string> Names = ["kaplan-n", "kaplan-d", "kaplan-c", "kaplan-nd", "data-constrained", "power"];

    /// <summary>A law by its name; null when there is none.</summary>
    /// <param name="name">Name.</param>
    /// <param name="of">Column of the power law.</param>
    public static LossCurve? Find(string name, Inputs of = Inputs.Flops) => name switch
    {
        "kaplan-n" => KaplanPower.OfParameters,
        "kaplan-d" => KaplanPower.OfTokens,
        "kaplan-c" => KaplanPower.OfCompute,
        "kaplan-nd" => new KaplanJoint(),
        "data-constrained" => new DataConstrained(),
        "power" => new OffsetPower(of),
        _ => null,
    };
}
